import NIOCore
import Testing

@testable import Platform

struct PhaseClockTests {
    private let limits = PhaseLimits(
        head: .seconds(10), body: .seconds(30), request: .seconds(60), idle: .seconds(90), linger: .seconds(2))

    private func at(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000) }
    private func clock() -> PhaseClock { PhaseClock(limits, now: at(0)) }

    @Test func `a connection that sends nothing is idle for so long and no longer`() {
        let clock = clock()
        #expect(clock.expired(now: at(89)) == nil)
        #expect(clock.expired(now: at(90)) == .idle)
    }

    @Test func `a head has an end however many bytes keep coming`() {
        var clock = clock()
        for second in 5..<15 { clock.bytesArrived(now: at(Int64(second))) }
        #expect(clock.expired(now: at(14)) == nil)
        #expect(clock.expired(now: at(15)) == .head)
    }

    @Test func `a body has an end of its own`() {
        var clock = clock()
        clock.headRead(now: at(5))
        for second in 6..<34 { clock.bytesArrived(now: at(Int64(second))) }
        #expect(clock.expired(now: at(34)) == nil)
        #expect(clock.expired(now: at(35)) == .body)
    }

    @Test func `an answer must have gone out in time`() {
        var clock = clock()
        clock.headRead(now: at(5))
        clock.bodyRead()
        #expect(clock.expired(now: at(64)) == nil)
        #expect(clock.expired(now: at(65)) == .request)
    }

    @Test func `after an answer idleness begins anew`() {
        var clock = clock()
        clock.bytesArrived(now: at(5))
        clock.headRead(now: at(5))
        clock.bodyRead()
        clock.answered(now: at(20))
        #expect(clock.isIdle)
        #expect(clock.expired(now: at(109)) == nil)
        #expect(clock.expired(now: at(110)) == .idle)
    }

    @Test func `of two requests in a row each has its own time`() {
        var clock = clock()
        clock.headRead(now: at(0))
        clock.bodyRead()
        clock.headRead(now: at(1))
        clock.bodyRead()
        clock.answered(now: at(50))
        #expect(clock.expired(now: at(60)) == nil)
        #expect(clock.expired(now: at(110)) == .request)
    }

    @Test func `what lingers is closed, whatever else runs`() {
        var clock = clock()
        clock.headRead(now: at(0))
        clock.lingers(now: at(1))
        #expect(clock.expired(now: at(2)) == nil)
        #expect(clock.expired(now: at(3)) == .linger)
    }
}
