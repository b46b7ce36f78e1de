extension JSONParser {
    /// The string whose opening quote stands at `position`.
    mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        skipPlain()
        guard position < bytes.count else { throw malformed }
        guard bytes[position] == UInt8(ascii: "\"") else { return try escapedString(from: start) }
        position += 1
        return try text(bytes[start..<(position - 1)])
    }

    /// Passes what stands for itself; stops at a quote, a backslash, a control character or the end.
    private mutating func skipPlain() {
        var next = position
        while next < bytes.count {
            let byte = bytes[next]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            next += 1
        }
        position = next
    }

    private func text(_ slice: Slice<UnsafeBufferPointer<UInt8>>) throws(JSONError) -> String {
        guard let text = String(validating: UnsafeBufferPointer(rebasing: slice), as: UTF8.self) else {
            throw .invalidUTF8(offset: slice.startIndex + validPrefix(of: slice))
        }
        return text
    }

    /// How many bytes are well-formed UTF-8, up to the first that is not.
    private func validPrefix(of slice: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
        var iterator = slice.makeIterator()
        var decoder = Unicode.UTF8.ForwardParser()
        var count = 0
        while case .valid(let scalar) = decoder.parseScalar(from: &iterator) {
            count += scalar.count
        }
        return count
    }

    /// The rest of a string that does need decoding, into a buffer of its own.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var decoded: [UInt8] = []
        var run = start
        while position < bytes.count {
            let byte = bytes[position]
            guard byte >= 0x20 else { throw malformed }
            // Each run is checked for itself: an escape cannot stand inside a multi-byte character.
            decoded.append(contentsOf: try text(bytes[run..<position]).utf8)
            if byte == UInt8(ascii: "\"") {
                position += 1
                return String(decoding: decoded, as: UTF8.self)
            }
            try escape(into: &decoded)
            run = position
            skipPlain()
        }
        throw malformed
    }

    private mutating func escape(into decoded: inout [UInt8]) throws(JSONError) {
        position += 1
        guard position < bytes.count else { throw malformed }
        switch bytes[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(bytes[position])
        case UInt8(ascii: "b"): decoded.append(0x08)
        case UInt8(ascii: "f"): decoded.append(0x0C)
        case UInt8(ascii: "n"): decoded.append(0x0A)
        case UInt8(ascii: "r"): decoded.append(0x0D)
        case UInt8(ascii: "t"): decoded.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try unicodeEscape()
            decoded.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return
        default: throw malformed
        }
        position += 1
    }

    /// The character of `uXXXX`, or of the surrogate pair `uXXXX\uXXXX`; a lone surrogate is refused at its `u`.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let start = position
        let unit = try hexUnit()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { throw .malformed(offset: start) }
        position += 1
        let trail = try hexUnit()
        guard UTF16.isTrailSurrogate(trail) else { throw .malformed(offset: start) }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    /// The four digits behind the `u` at `position`.
    private mutating func hexUnit() throws(JSONError) -> UInt16 {
        position += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Hex.value(of: bytes[position]) else { throw malformed }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
