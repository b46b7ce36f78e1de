@testable import Platform

/// A text that is cached.
struct Word: Cacheable, Equatable {
    static let cacheForm = "word.1"
    let text: String

    init(_ text: String) { self.text = text }
    init?(cacheBytes: [UInt8]) { text = String(decoding: cacheBytes, as: UTF8.self) }
    var cacheBytes: [UInt8] { Array(text.utf8) }
}

/// Counts how often it is asked.
actor Source {
    private(set) var reads = 0
    var word: Word?

    init(_ text: String?) { word = text.map(Word.init) }

    func read() -> Word? {
        reads += 1
        return word
    }

    func set(_ text: String?) { word = text.map(Word.init) }
}

/// A door that is shut until it is opened, and tells who waits for it when somebody stands before it.
actor Door {
    private var isOpen = false
    private var isReached = false
    private var standing: [CheckedContinuation<Void, Never>] = []
    private var watching: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        isReached = true
        for watcher in watching { watcher.resume() }
        watching = []
        if !isOpen { await withCheckedContinuation { standing.append($0) } }
    }

    func untilReached() async {
        if !isReached { await withCheckedContinuation { watching.append($0) } }
    }

    func open() {
        isOpen = true
        for caller in standing { caller.resume() }
        standing = []
    }
}
