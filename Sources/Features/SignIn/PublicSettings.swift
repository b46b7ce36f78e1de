import Codecs
import Platform

extension SignIn {
    static let settingsType = MemberType.record(
        "AuthSettings",
        [
            ("external", .map(.boolean).example(["email": true, "phone": false])),
            ("disable_signup", .boolean.example(false)),
            ("mailer_autoconfirm", .boolean), ("phone_autoconfirm", .boolean.example(false)),
            ("sms_provider", .string.example("")), ("saml_enabled", .boolean.example(false)),
        ])

    static let healthType = MemberType.record(
        "AuthHealth",
        [
            ("version", .string.example("0.1.0")), ("name", .string.example("GoTrue")),
            ("description", .string.example("GoTrue is a user registration and authentication API")),
        ])

    /// What GoTrue's clients ask before they show a form.
    func publicSettings(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        let external: JSONObject = ["email": true, "phone": false, "anonymous_users": .bool(settings.allowsAnonymous)]
        let answer: JSON = [
            "external": .object(external),
            "disable_signup": .bool(!settings.allowsSignUp),
            "mailer_autoconfirm": .bool(settings.confirmsByItself),
            "phone_autoconfirm": false,
            "sms_provider": "",
            "saml_enabled": false,
        ]
        return Answer(answer)
    }

    func health(_ call: Call<Visitor, NoInput>) async throws -> Answer {
        let answer: JSON = [
            "version": .string(call.services.build.version),
            "name": "GoTrue",
            "description": "GoTrue is a user registration and authentication API",
        ]
        return Answer(answer)
    }
}
