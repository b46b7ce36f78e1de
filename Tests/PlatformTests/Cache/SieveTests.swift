import Testing

@testable import Platform

@Suite struct SieveTests {
    @Test func `what was asked for stays, what was not makes room`() {
        var sieve = Sieve<Int, String>(limit: 3)
        for key in 1...3 { sieve.insert("\(key)", for: key) }
        #expect(sieve.value(of: 1) == "1")
        sieve.insert("4", for: 4)
        #expect(sieve.value(of: 2) == nil)
        #expect([1, 3, 4].allSatisfy { sieve.value(of: $0) != nil })
        #expect(sieve.count == 3 && sieve.evictions == 1)
    }

    @Test func `when all are in use the oldest makes room`() {
        var sieve = Sieve<Int, Int>(limit: 3)
        for key in 1...3 {
            sieve.insert(key, for: key)
            _ = sieve.value(of: key)
        }
        sieve.insert(4, for: 4)
        #expect(sieve.value(of: 1) == nil && sieve.count == 3)
    }

    @Test func `one pass over many keys drives out little that is in use`() {
        var sieve = Sieve<Int, Int>(limit: 100)
        for key in 0..<90 { sieve.insert(key, for: key) }
        for round in 0..<20 {
            for key in 0..<90 { _ = sieve.value(of: key) }
            for key in 0..<50 { sieve.insert(key, for: 1_000 + 50 * round + key) }
        }
        let kept = (0..<90).filter { sieve.value(of: $0) != nil }.count
        #expect(kept >= 80, "\(kept) of 90")
    }

    @Test func `bytes are bounded too, and what is larger than all room is not kept`() {
        var sieve = Sieve<String, Int>(limit: 100, byteLimit: 1_000)
        for key in ["a", "b", "c"] { sieve.insert(1, for: key, bytes: 400) }
        #expect(sieve.count == 2 && sieve.bytes == 800)
        sieve.insert(2, for: "c", bytes: 900)
        #expect(sieve.count == 1 && sieve.bytes == 900)
        sieve.insert(3, for: "c", bytes: 1_001)
        #expect(sieve.value(of: "c") == nil && sieve.bytes == 0)
    }

    @Test func `it does what a plain map would, as far as it remembers`() {
        var sieve = Sieve<Int, Int>(limit: 50, byteLimit: 2_000)
        var model: [Int: Int] = [:]
        var generator = SplitMix(state: 7)
        for step in 0..<20_000 {
            let key = Int.random(in: 0..<120, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0...5:
                if let value = sieve.value(of: key) { #expect(value == model[key]) }
            case 6...8:
                sieve.insert(step, for: key, bytes: Int.random(in: 0...90, using: &generator))
                model[key] = step
                #expect(sieve.value(of: key) == step)
            default:
                sieve.remove(key)
                #expect(sieve.value(of: key) == nil)
            }
            #expect(sieve.count <= 50 && sieve.bytes <= 2_000 && sieve.bytes >= 0)
        }
        sieve.removeAll { key, _ in key.isMultiple(of: 2) }
        #expect((0..<120).allSatisfy { !$0.isMultiple(of: 2) || sieve.value(of: $0) == nil })
        sieve.removeAll()
        #expect(sieve.count == 0 && sieve.bytes == 0)
    }
}

/// The same numbers in every run. Source: Steele and others, "Fast Splittable Pseudorandom Number Generators" (2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
