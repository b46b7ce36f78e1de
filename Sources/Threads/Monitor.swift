#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A value behind a lock, and a condition that threads wait for. `Synchronization.Mutex` has no condition variable.
///
/// `@unchecked Sendable`: `value` is touched only inside `withLock` and `wait`, which hold `mutex`, and what goes in and
/// out is Sendable; `mutex` and `condition` stand at fixed addresses from init to deinit, and deinit runs
/// when no thread refers to the monitor, so none can hold or wait on them.
final class Monitor<Value: Sendable>: @unchecked Sendable {
    private var value: Value
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(_ value: Value) {
        self.value = value
        let made = (pthread_mutex_init(mutex, nil), pthread_cond_init(condition, nil))
        precondition(made == (0, 0), "a mutex or condition of default attributes could not be made")
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }

    /// Blocks the thread until `body` gives a result. It is asked at once, and after each `wakeOne` or `wakeAll`.
    func wait<Result: Sendable>(for body: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            pthread_cond_wait(condition, mutex)
        }
    }

    func wakeOne() {
        pthread_cond_signal(condition)
    }

    func wakeAll() {
        pthread_cond_broadcast(condition)
    }
}
