import Platform
import Postgres
import Testing

struct KeyRingTests {
    private let old = Secret(String(repeating: "old-", count: 16))
    private let new = Secret(String(repeating: "new-", count: 16))
    private let place = SealedPlace("lean.things.secret", row: "1")

    private func text(_ sealed: SealedText) -> String {
        if case .text(let text) = sealed.sqlParameter { text } else { "" }
    }

    private func sealed(_ text: String) throws -> SealedText {
        try #require(Array(text.utf8).withUnsafeBufferPointer { SealedText(sqlText: $0) })
    }

    private func refusal(_ body: () throws -> String) -> SealRefusal? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? SealRefusal
        }
    }

    @Test func `what is sealed opens again, and two seals of it differ`() throws {
        let ring = KeyRing([new])
        let first = try ring.seal("a secret ✓", for: place)
        let second = try ring.seal("a secret ✓", for: place)
        #expect(text(first) != text(second))
        #expect(!text(first).contains("secret"))
        #expect(try ring.open(first, for: place) == "a secret ✓")
        #expect("\(first)" == "<sealed>")
    }

    @Test func `an earlier key still opens, and the newest seals`() throws {
        let earlier = try KeyRing([old]).seal("a", for: place)
        let ring = KeyRing([new, old])
        #expect(try ring.open(earlier, for: place) == "a")
        let prefix = try #require(ring.newestPrefix)
        #expect(!text(earlier).hasPrefix(prefix))
        #expect(try text(ring.seal("a", for: place)).hasPrefix(prefix))
    }

    @Test func `a value that was moved to another row or column does not open`() throws {
        let ring = KeyRing([new])
        let value = try ring.seal("a", for: place)
        for other in [SealedPlace("lean.things.secret", row: "2"), SealedPlace("lean.things.other", row: "1")] {
            #expect(refusal { try ring.open(value, for: other) } == .damaged)
        }
        // The border between column and row is part of the seal.
        let joined = try ring.seal("a", for: SealedPlace("ab", row: "c"))
        #expect(refusal { try ring.open(joined, for: SealedPlace("a", row: "bc")) } == .damaged)
    }

    @Test func `no change of the text goes unnoticed`() throws {
        let ring = KeyRing([new])
        let value = text(try ring.seal("some secret", for: place))
        for index in value.indices {
            var changed = value
            changed.replaceSubrange(index...index, with: value[index] == "A" ? "B" : "A")
            #expect(refusal { try ring.open(try sealed(changed), for: place) } != nil, "\(index)")
        }
        for length in 0..<value.count {
            #expect(refusal { try ring.open(try sealed(String(value.prefix(length))), for: place) } != nil)
        }
    }

    @Test func `without its key nothing opens, and without any nothing is sealed`() throws {
        let value = try KeyRing([old]).seal("a", for: place)
        #expect(refusal { try KeyRing([new]).open(value, for: place) } == .unknownKey)
        #expect(refusal { try KeyRing([]).open(value, for: place) } == .noKey)
        #expect(throws: SealRefusal.noKey) { try KeyRing([]).seal("a", for: place) }
    }
}
