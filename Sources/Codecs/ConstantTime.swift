/// Comparison of secrets.
public enum ConstantTime {
    /// Whether both hold the same bytes, in a time that depends on their counts alone, not on where they differ.
    /// Different counts are told apart at once: compare digests where the length is secret too.
    public static func equal(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        difference(Array(left), Array(right)) == 0
    }

    /// Not inlined, so that no caller's knowledge of one side lets the compiler leave the loop early.
    @inline(never)
    private static func difference(_ left: [UInt8], _ right: [UInt8]) -> UInt8 {
        guard left.count == right.count else { return 1 }
        var difference: UInt8 = 0
        for index in left.indices {
            difference |= left[index] ^ right[index]
        }
        return difference
    }
}
