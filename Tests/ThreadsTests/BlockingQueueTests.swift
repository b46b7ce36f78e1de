import Testing

@testable import Threads

@Suite("The rules of a pool's queue")
struct BlockingQueueTests {
    @Test("a thread is made for each job that no idle one can take, up to the limit")
    func lazyThreads() {
        var queue = BlockingQueue(threadLimit: 2, queueLimit: 10)
        #expect(queue.admit(job(1)) == .queuedForNewThread)
        _ = queue.turn()
        queue.finished()
        #expect(queue.admit(job(2)) == .queued)
        #expect(queue.admit(job(3)) == .queuedForNewThread)
        #expect(queue.admit(job(4)) == .queued)
    }

    @Test("jobs that a free thread is on its way to do not count as waiting")
    func waiting() {
        var queue = BlockingQueue(threadLimit: 1, queueLimit: 1)
        #expect(queue.admit(job(1)) == .queuedForNewThread)
        #expect(queue.waiting == 0)
        #expect(queue.admit(job(2)) == .queued)
        #expect(queue.waiting == 1)
        #expect(queue.admit(job(3)) == .full)
        _ = queue.turn()
        #expect(queue.waiting == 1)
        #expect(queue.admit(job(3)) == .full)
    }

    @Test("when the last thread cannot be made, its jobs are given back; with another they stay")
    func threadNotStarted() {
        var queue = BlockingQueue(threadLimit: 2, queueLimit: 1)
        _ = queue.admit(job(1))
        _ = queue.admit(job(2))
        #expect(queue.threadNotStarted().isEmpty)
        #expect(queue.threadNotStarted().map(\.id) == [1, 2])
        #expect(queue.admit(job(3)) == .queuedForNewThread)
    }

    @Test("a closed queue gives back what waits, admits nothing and sends its threads home")
    func close() {
        var queue = BlockingQueue(threadLimit: 1, queueLimit: 5)
        _ = queue.admit(job(1))
        _ = queue.admit(job(2))
        #expect(queue.close().map(\.id) == [1, 2])
        #expect(queue.admit(job(3)) == .closed)
        guard case .end = queue.turn() else {
            Issue.record("a thread of a closed queue must end")
            return
        }
    }

    private func job(_ id: UInt64) -> BlockingJob {
        BlockingJob(id: id, run: {}, refuse: { _ in })
    }
}
