import Platform
import Postgres

extension SignIn {
    struct Departure: RequestInput {
        let confirmation: String
        let reason: String?
        let deletesData: Bool

        static let input = Input<Departure>(
            Field.text("confirmEmail", 0...254, "The account's address, so that nobody deletes one by mistake.")
                .example("ada@example.com").inBody,
            Field.optionalText("reason", 0...500, "Why, for the product's makers: kept without saying who.").example(
                "I no longer need it."
            ).inBody,
            Field.flag(
                "deleteData", default: false,
                "true: the account goes with all that is its own. false: its row stays, so that what refers to it does, "
                    + "without anything that tells whose it was."
            ).inBody,
            make: Departure.init(confirmation:reason:deletesData:)
        )
    }

    /// Ends every session with it. What others work on stays with them.
    func deleteOwnAccount(_ call: Call<Principal, Departure>) async throws -> Done {
        let caller = call.caller
        guard let state = try await sessions.state(of: caller.session, person: caller.id, call.services) else {
            throw Problem(.sessionEnded)
        }
        guard try isConfirmed(call.input.confirmation, by: state.user) else {
            throw Problem(
                .invalidInput, fields: [FieldProblem("confirmEmail", "must be the address of your account")])
        }
        let reason = call.input.reason.flatMap { $0.isEmpty ? nil : $0 }
        let note: [SQL] =
            reason.map { text in
                [
                    "insert into lean.departures (reason, deleted_data, at) values (\(text), \(call.input.deletesData), \(call.now))"
                ]
            } ?? []
        try await delete(
            caller.id, keepingRow: !call.input.deletesData, at: call.now, call.platform,
            with: note + [call.recording(.accountDeleted, of: .person(caller.id))])
        await forget(caller.id, call.services)
        return Done(message: "Account deletion completed successfully", timestamp: call.now)
    }

    /// Who is anonymous has no address to say.
    private func isConfirmed(_ text: String, by user: User) throws -> Bool {
        guard let address = user.email else { return text.isEmpty }
        do {
            return try EmailAddress(text).text == address
        } catch {
            return false
        }
    }
}
