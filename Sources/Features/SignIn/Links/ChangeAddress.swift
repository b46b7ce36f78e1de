import Platform
import Postgres

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SignIn {
    /// What asks both addresses, or the new one alone where there is no old one or one is enough.
    func askToChangeAddress(
        to email: EmailAddress, of state: SessionState, redirect: String?, _ call: Call<Principal, AccountChange>
    ) throws -> [SQL] {
        guard call.services.mail.isOn else { throw Problem(.emailDisabled) }
        let language = Self.language(of: state.user.userMetadata, call.request).rawValue
        func letter(_ purpose: LinkPurpose, to address: String) throws -> SQL {
            try post(
                LinkRequest(
                    purpose: purpose, address: address, person: call.caller.id.text, language: language,
                    redirect: settings.redirects.target(redirect)), call.services)
        }
        let asksBoth = settings.asksBothAddresses && state.user.email != nil
        var statements: [SQL] = [
            """
            update auth.users set email_change = \(email.text), email_change_confirm_status = \(asksBoth ? 0 : 1),
                updated_at = \(call.now)
            where id = \(call.caller.id)
            """,
            // What was asked before is asked no longer.
            """
            delete from auth.one_time_tokens where user_id = \(call.caller.id)
                and token_type in ('email_change_token_new', 'email_change_token_current')
            """,
            try letter(.emailChange, to: email.text),
        ]
        if asksBoth, let current = state.user.email { statements.append(try letter(.emailChangeCurrent, to: current)) }
        return statements
    }

    /// An address has agreed. False when the other has yet to.
    ///
    /// - Throws: `DatabaseError`, a unique violation when somebody else has the address by now.
    func changeAddress<Input>(
        _ used: UsedLink, _ transaction: Transaction, _ call: Call<Visitor, Input>
    ) async throws -> Bool {
        let now = call.now
        guard let address = used.newAddress else { return true }
        guard used.agreed == 1 else {
            try await transaction.run(
                "update auth.users set email_change_confirm_status = 1, updated_at = \(now) where id = \(used.person)")
            return false
        }
        try await transaction.run(
            """
            update auth.users set
                email = \(address), email_confirmed_at = \(now), email_change = '', email_change_confirm_status = 0,
                updated_at = \(now)
            where id = \(used.person)
            """)
        for statement in EmailIdentity.statements(of: used.person, address, isConfirmed: true, now) {
            try await transaction.run(statement)
        }
        // Whoever had none is somebody new to us.
        let former = used.address.flatMap { $0.isEmpty ? nil : $0 }
        let told = try Self.posting(
            former == nil ? .welcome : .emailChanged, to: former ?? address, used.metadata, call.request, call.services)
        for statement in told { try await transaction.run(statement) }
        return true
    }
}
