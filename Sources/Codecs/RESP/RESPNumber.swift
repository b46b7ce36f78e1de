/// Numbers as RESP writes them, and nothing else that Swift would take for one.
enum RESPNumber {
    /// An optional sign and digits that fit 64 bits.
    static func integer(_ line: Slice<UnsafeRawBufferPointer>) throws(RESPFault) -> Int {
        guard line.count <= 20, hasDigits(line), let value = Int(String(decoding: line, as: UTF8.self)) else {
            throw .malformed
        }
        return value
    }

    /// Digits below 2^31, so that twice as many are a number too; nil for `-1`, RESP2's null.
    static func length(_ line: Slice<UnsafeRawBufferPointer>) throws(RESPFault) -> Int? {
        if line.elementsEqual("-1".utf8) { return nil }
        guard (1...10).contains(line.count) else { throw .malformed }
        var value = 0
        for byte in line {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .malformed }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        guard value < 1 << 31 else { throw .tooLarge }
        return value
    }

    /// Digits with a point and an exponent; `inf`, `-inf`, `nan`.
    static func double(_ line: Slice<UnsafeRawBufferPointer>) throws(RESPFault) -> Double {
        let text = String(decoding: line, as: UTF8.self)
        switch text {
        case "inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "-nan": return .nan
        default:
            let isDecimal = line.allSatisfy { "+-.eE0123456789".utf8.contains($0) }
            guard line.count <= 400, isDecimal, let value = Double(text) else { throw .malformed }
            return value
        }
    }

    static func big(_ line: Slice<UnsafeRawBufferPointer>) throws(RESPFault) -> String {
        guard hasDigits(line) else { throw .malformed }
        return String(decoding: line, as: UTF8.self)
    }

    private static func hasDigits(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
        let isSigned = line.first == UInt8(ascii: "-") || line.first == UInt8(ascii: "+")
        let digits = isSigned ? line.dropFirst() : line
        return !digits.isEmpty && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
