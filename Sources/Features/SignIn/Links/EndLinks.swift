import Platform
import Postgres

extension SignIn {
    /// What was asked for by letter before counts no longer: links, codes, and a change of address that waits. Whoever sets a
    /// password, or whose address has changed, may be taking their account back.
    ///
    /// - Parameter flow: of a client that has its answer still to come.
    static func endingLinks(of person: ID<Person>, butFlow flow: String? = nil) -> [SQL] {
        [
            "delete from auth.one_time_tokens where user_id = \(person)",
            "delete from auth.flow_state where user_id = \(person) and id is distinct from \(flow)::uuid",
            """
            update auth.users set email_change = '', email_change_confirm_status = 0
            where id = \(person) and email_change <> ''
            """,
        ]
    }
}
