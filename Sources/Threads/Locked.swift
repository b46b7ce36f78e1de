import Synchronization

/// A value that one thread at a time may touch, for as long as a short closure takes.
///
/// It stands in for `Mutex`, whose lock reads a thread-local thread id that it inlines: in an optimised async function
/// Swift 6.3.1 reads it once and keeps it across an `await`, after which another thread may run. The lock is then taken
/// in the name of a thread that does not hold it, and unlocking ends the process. A call that is never inlined begins and
/// ends on one thread.
///
/// Public, though only this package uses it: bodies of `package` functions do not reach other modules (Swift 6.3.1), which then
/// all call the one for any type.
public struct Locked<Value: Sendable>: ~Copyable, Sendable {
    @usableFromInline let mutex: Mutex<Value>

    @inlinable
    public init(_ value: Value) {
        mutex = Mutex(value)
    }

    /// Known to other modules, so that they get one of their own type, and still not inlined.
    @inlinable
    @inline(never)
    public borrowing func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try mutex.withLock { (value) throws(Failure) -> Result in try body(&value) }
    }
}
