import Codecs
import NIOCore

/// Why a connection could not be made, or is no more. For logs and operators: it names no secret.
package enum RedisFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name has no address of the family, or nobody listens, or TLS was refused: what the system says.
    case connect(String)
    /// No answer in time.
    case silent
    /// Its answers come, and always too late.
    case slow
    /// The server closed the connection.
    case closed
    /// What it sent is no answer.
    case nonsense(RESPFault)
    /// An answer to nothing that was asked, or of a shape that it cannot have.
    case unasked
    /// It refused to let us in, by this word: WRONGPASS, NOAUTH, LOADING. The sentence may hold what we sent.
    case refused(String)
    /// It is a replica, which takes no writes.
    case notMaster
    /// It speaks no RESP3: Redis 6 is the oldest that does.
    case tooOld
    /// No Sentinel names a master.
    case noMaster
    /// We closed it.
    case ended

    package var description: String {
        switch self {
        case .connect(let cause): "cannot connect: \(cause)"
        case .silent: "no answer in time"
        case .slow: "all answers come too late"
        case .closed: "the server closed the connection"
        case .nonsense: "what answers there does not speak Redis' protocol"
        case .unasked: "an answer to nothing that was asked"
        case .refused(let word): "the server refuses: \(word)"
        case .notMaster: "the server is a replica"
        case .tooOld: "the server does not speak RESP3; Redis 6 or later does"
        case .noMaster: "no Sentinel names a master"
        case .ended: "closed"
        }
    }
}
