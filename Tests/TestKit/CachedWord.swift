import Platform

/// A text that is cached.
package struct CachedWord: Cacheable, Equatable {
    package static let cacheForm = "word.1"
    package let text: String

    package init(_ text: String) { self.text = text }

    package init?(cacheBytes: [UInt8]) {
        guard let text = String(validating: cacheBytes, as: UTF8.self), !text.isEmpty else { return nil }
        self.text = text
    }

    package var cacheBytes: [UInt8] { Array(text.utf8) }
}

/// Counts how often it is asked.
package actor CountedSource {
    package private(set) var reads = 0
    private var word: CachedWord?

    package init(_ text: String?) { word = text.map(CachedWord.init) }

    package func read() -> CachedWord? {
        reads += 1
        return word
    }

    package func set(_ text: String?) { word = text.map(CachedWord.init) }
}
