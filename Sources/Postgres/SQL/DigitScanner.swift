/// Walks over the digits and separators of a timestamp's text.
struct DigitScanner {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    /// The number that begins here, of at least `count` and at most 9 digits.
    mutating func number(atLeast count: Int) -> Int64? {
        var value: Int64 = 0
        var digits = 0
        while digits < 9, let digit = digit() {
            value = value * 10 + digit
            digits += 1
        }
        return digits >= count ? value : nil
    }

    /// A fraction of a second, as microseconds: further digits are dropped.
    mutating func microseconds() -> Int64 {
        var value: Int64 = 0
        var digits = 0
        while let digit = digit() {
            if digits < 6 { value = value * 10 + digit }
            digits += 1
        }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    /// `+00`, `-05:30`, `Z`; nil when something else stands here or after it.
    mutating func offsetSeconds() -> Int64? {
        if skip("Z") { return position == text.count ? 0 : nil }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = number(atLeast: 2) else { return nil }
        var seconds = hours * 3_600
        if skip(":") {
            guard let minutes = number(atLeast: 2) else { return nil }
            seconds += minutes * 60
        }
        return position == text.count ? sign * seconds : nil
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard position < text.count, text[position] >= 0x30, text[position] <= 0x39 else { return nil }
        position += 1
        return Int64(text[position - 1] - 0x30)
    }
}
