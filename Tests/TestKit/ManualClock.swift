import Platform
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A clock that a test turns.
package final class ManualClock: Sendable {
    private let time: Mutex<Date>

    /// Begins now, since PostgreSQL's own clock cannot be turned.
    package init() {
        time = Mutex(Date())
    }

    package var wall: WallClock { WallClock { self.time.withLock { $0 } } }

    package func advance(by duration: Duration) {
        time.withLock { $0 = $0.addingTimeInterval(Double(duration.components.seconds)) }
    }
}
