/// Writes ASCII into memory that the caller has made large enough: for text of known form, such as ids and times, that is
/// made some forty times an answer and is too small to be put together from strings.
package struct DigitWriter {
    private let target: UnsafeMutableBufferPointer<UInt8>
    package private(set) var count = 0

    package init(_ target: UnsafeMutableBufferPointer<UInt8>) {
        self.target = target
    }

    package mutating func byte(_ character: Unicode.Scalar) {
        target[count] = UInt8(ascii: character)
        count += 1
    }

    /// Two hexadecimal digits, lower case.
    package mutating func hex(_ byte: UInt8) {
        target[count] = Hex.digit(byte >> 4)
        target[count + 1] = Hex.digit(byte & 15)
        count += 2
    }

    /// The number with zeros before it up to `width` digits; more digits when it has more. The sign stands first.
    package mutating func number(_ value: Int64, width: Int) {
        if value < 0 { byte("-") }
        var rest = value.magnitude
        var digits = 1
        var limit: UInt64 = 10
        while digits < 19, digits < width || rest >= limit {
            digits += 1
            limit = limit.multipliedReportingOverflow(by: 10).partialValue
        }
        for place in stride(from: count + digits - 1, through: count, by: -1) {
            target[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += digits
    }
}
