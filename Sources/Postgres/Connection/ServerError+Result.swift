import CLibPQ

extension ServerError {
    /// Reads the fields of an error that PostgreSQL (or libpq, then without a state) reports.
    init(result: OpaquePointer) {
        func field(_ code: UnicodeScalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        state = SQLState(field("C") ?? "08006")
        message = field("M") ?? Link.sentence(PQresultErrorMessage(result))
        detail = field("D")
        hint = field("H")
        schema = field("s")
        table = field("t")
        column = field("c")
        constraint = field("n")
    }
}
