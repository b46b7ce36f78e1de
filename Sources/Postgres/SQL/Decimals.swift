#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `numeric`, exactly: at most 38 significant digits, and at most 127 zeros after or 128 digits behind the point. `NaN` is
/// `Decimal.nan`.
///
/// What a column holds beyond that, and `Infinity`, cannot be read as a `Decimal`: `DatabaseError.unreadable` is better
/// than a rounded sum. The scale is not kept: `1.50` is `1.5`.
extension Decimal: SQLValue {
    public var sqlParameter: Parameter { .text(isNaN ? "NaN" : description) }

    public init?(sqlText text: UnsafeBufferPointer<UInt8>) {
        if text.elementsEqual("NaN".utf8) {
            self = .nan
            return
        }
        guard let digits = NumericDigits(text), let significand = digits.significand else { return nil }
        guard significand != 0 else {
            self = 0
            return
        }
        guard (-128...127).contains(digits.exponent) else { return nil }
        self.init(sign: digits.isNegative ? .minus : .plus, exponent: digits.exponent, significand: significand)
    }
}

/// The digits of `[-]digits[.digits]`, the one form in which PostgreSQL prints a finite `numeric`, without zeros at the ends.
private struct NumericDigits {
    let isNegative: Bool
    private let digits: ArraySlice<UInt8>
    /// The value is the digits times ten to this.
    let exponent: Int

    init?(_ text: UnsafeBufferPointer<UInt8>) {
        isNegative = text.first == UInt8(ascii: "-")
        let parts = text.dropFirst(isNegative ? 1 : 0).split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let zero = UInt8(ascii: "0")
        guard parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { (zero...zero + 9).contains($0) } }) else { return nil }
        var digits = Array(parts.joined())[...]
        var exponent = parts.count == 2 ? -parts[1].count : 0
        while digits.first == zero { digits.removeFirst() }
        while digits.last == zero {
            digits.removeLast()
            exponent += 1
        }
        // Zeros that fit are digits rather than an exponent that does not.
        while exponent > 127, digits.count < 38, !digits.isEmpty {
            digits.append(zero)
            exponent -= 1
        }
        self.digits = digits
        self.exponent = exponent
    }

    /// The digits as a whole number; nil for more than 38, which a `Decimal` would round.
    var significand: Decimal? {
        guard digits.count <= 38 else { return nil }
        func number(_ digits: ArraySlice<UInt8>) -> UInt64 {
            digits.reduce(0) { $0 * 10 + UInt64($1 - UInt8(ascii: "0")) }
        }
        let high = Decimal(number(digits.dropLast(19)))
        let low = Decimal(number(digits.suffix(19)))
        return high * Decimal(10_000_000_000_000_000_000 as UInt64) + low
    }
}
