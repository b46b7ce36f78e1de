/// Why the listening sockets did not pass from one process to the next. The one that serves goes on serving.
struct HandoverFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = "hand-over: " + description
    }
}
