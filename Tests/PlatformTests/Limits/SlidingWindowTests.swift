import Testing

@testable import Platform

/// A window that remembers.
private final class Trial {
    var window: SlidingWindow
    let rule: LimitRule

    init(_ rule: LimitRule, _ window: SlidingWindow = SlidingWindow()) {
        self.rule = rule
        self.window = window
    }

    func take(_ cost: Int = 1, at now: Int) -> SlidingWindow.Standing {
        window.take(cost, most: rule.most, rule, now: now)
    }

    func settle(counts: Bool, at now: Int) -> Bool {
        window.settle(1, most: rule.most, rule, counts: counts, now: now)
    }

    /// Asks until it is refused.
    func fill(_ cost: Int = 1, at now: Int) {
        while take(cost, at: now).isAdmitted {}
    }
}

@Suite struct SlidingWindowTests {
    private static func rule(
        _ most: Int, seconds: Int = 60, block: Int? = nil, _ counting: Limit.Counting = .all
    ) -> LimitRule {
        let limit = Limit(
            "test", most, per: .seconds(seconds), block: block.map { .seconds($0) }, counting: counting)
        return LimitRule(limit, most: most, closesWithoutStore: false)
    }

    /// The beginning of a stretch of an hour.
    private static let start = 1_800_000_000_000

    @Test func `as many as the limit are let in, and the next is not`() {
        let trial = Trial(Self.rule(5))
        for left in (0..<5).reversed() {
            let standing = trial.take(at: Self.start)
            #expect(standing.isAdmitted)
            #expect(standing.remaining == left)
        }
        let refused = trial.take(at: Self.start)
        #expect(!refused.isAdmitted)
        #expect(refused.isNews)
        #expect(!trial.take(at: Self.start).isNews)
    }

    @Test func `Retry-After is the first moment at which the same request is let in`() {
        for (most, cost) in [(5, 1), (3, 1), (100, 1), (100, 7), (1, 1)] {
            for offset in [0, 1, 20_000, 59_999] {
                let trial = Trial(Self.rule(most))
                let now = Self.start + offset
                trial.fill(cost, at: now)
                let wait = trial.take(cost, at: now).resetMilliseconds
                let early = Trial(trial.rule, trial.window)
                if wait > 1 { #expect(!early.take(cost, at: now + wait - 2).isAdmitted, "\(most) \(offset)") }
                #expect(trial.take(cost, at: now + wait).isAdmitted, "\(most) \(offset) \(wait)")
            }
        }
    }

    @Test func `a refusal counts nothing and prolongs nothing`() {
        let quiet = Trial(Self.rule(5))
        quiet.fill(at: Self.start)
        let stubborn = Trial(quiet.rule, quiet.window)
        for second in 0..<59 { _ = stubborn.take(at: Self.start + second * 1_000) }
        let later = Self.start + 75_000
        #expect(quiet.take(at: later).remaining == stubborn.take(at: later).remaining)
    }

    /// Against a log of every admission: what an even flood gets through in each window is the limit, ±1 %.
    @Test(arguments: [1_000, 5_000]) func `under an even flood a window holds the limit within a hundredth`(_ most: Int)
    {
        let trial = Trial(Self.rule(most))
        var admissions: [Int] = []
        for now in stride(from: Self.start + 17, to: Self.start + 600_000, by: 5) {
            if trial.take(at: now).isAdmitted { admissions.append(now) }
        }
        for minute in 2..<9 {
            let begin = Self.start + minute * 60_000
            let count = admissions.count { $0 >= begin && $0 < begin + 60_000 }
            #expect(abs(count - most) <= most / 100, "\(count) in minute \(minute)")
        }
    }

    @Test func `no burst across the edge of two stretches gets twice the limit`() {
        let trial = Trial(Self.rule(100))
        var admitted = 0
        for _ in 0..<1_000 where trial.take(at: Self.start + 59_900).isAdmitted { admitted += 1 }
        for _ in 0..<1_000 where trial.take(at: Self.start + 60_100).isAdmitted { admitted += 1 }
        #expect(admitted == 100)
    }

    @Test func `a violation begins the block, which ends when it was to end, with an empty window`() {
        let trial = Trial(Self.rule(3, seconds: 3_600, block: 3_600))
        let now = Self.start + 1_800_000
        for _ in 0..<3 { #expect(trial.take(at: now).isAdmitted) }
        let refused = trial.take(at: now)
        #expect(refused.resetMilliseconds == 3_600_000)
        #expect(refused.isNews)
        // Asking again and again prolongs nothing, and is no news.
        for minute in 1..<60 {
            let again = trial.take(at: now + minute * 60_000)
            #expect(!again.isAdmitted)
            #expect(!again.isNews)
            #expect(again.resetMilliseconds == (60 - minute) * 60_000)
        }
        for _ in 0..<3 { #expect(trial.take(at: now + 3_600_000).isAdmitted) }
        #expect(!trial.take(at: now + 3_600_000).isAdmitted)
    }

    @Test func `failures alone fill a limit that counts failures`() {
        let trial = Trial(Self.rule(5, block: 900, .failures))
        for _ in 0..<1_000 {
            #expect(trial.take(at: Self.start).isAdmitted)
            #expect(!trial.settle(counts: false, at: Self.start))
        }
        for attempt in 1...5 {
            #expect(trial.take(at: Self.start).isAdmitted)
            #expect(trial.settle(counts: true, at: Self.start) == (attempt == 5))
        }
        let refused = trial.take(at: Self.start + 1)
        #expect(!refused.isAdmitted)
        #expect(refused.resetMilliseconds == 899_999)
        #expect(trial.take(at: Self.start + 900_000).isAdmitted)
    }

    @Test func `attempts that come at once cannot pass before the first has failed, and successes block nobody`() {
        let trial = Trial(Self.rule(5, block: 900, .failures))
        let admitted = (0..<50).count { _ in trial.take(at: Self.start).isAdmitted }
        #expect(admitted == 5)
        for _ in 0..<5 { _ = trial.settle(counts: false, at: Self.start) }
        #expect(trial.window.blockedUntil == 0)
        #expect(trial.take(at: Self.start).isAdmitted)
    }

    @Test func `a clock that is set back gives nothing away`() {
        let trial = Trial(Self.rule(5))
        trial.fill(at: Self.start)
        #expect(!trial.take(at: Self.start - 3_600_000).isAdmitted)
    }

    @Test func `what is dearer than the whole limit takes the whole limit`() {
        let trial = Trial(Self.rule(5))
        #expect(trial.take(50, at: Self.start).isAdmitted)
        #expect(!trial.take(at: Self.start).isAdmitted)
    }
}
