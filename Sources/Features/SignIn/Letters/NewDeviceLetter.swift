import Platform

extension LetterKind {
    /// Tells a person of a sign-in from a device or a place that their account was not used from before.
    static let newDevice = LetterKind(
        "new_device", topic: .notification, variables: ["device", "address", "time", "link"],
        english: """
            Subject: A new sign-in to your account

            Somebody signed in to your account at {{product}} from a device or a place that we had not seen before:
            {{device}}, {{address}}, {{time}}.

            If this was you, you can ignore this email. If not, set a new password at once: that ends all sessions.

            [Set a new password]({{link}})
            """,
        spanish: """
            Subject: Nuevo acceso a tu cuenta

            Alguien ha entrado en tu cuenta en {{product}} desde un dispositivo o un lugar que no habíamos visto antes:
            {{device}}, {{address}}, {{time}}.

            Si fuiste tú, no tienes que hacer nada. Si no, elige enseguida una nueva contraseña: así se cierran todas
            las sesiones.

            [Elegir una nueva contraseña]({{link}})
            """,
        german: """
            Subject: Neue Anmeldung in deinem Konto

            Jemand hat sich in deinem Konto bei {{product}} angemeldet. Das Gerät oder den Ort kannten wir noch nicht:
            {{device}}, {{address}}, {{time}}.

            Wenn du es warst, brauchst du nichts zu tun. Wenn nicht, wähle sofort ein neues Passwort: Damit enden alle
            Sitzungen.

            [Neues Passwort wählen]({{link}})
            """,
        french: """
            Subject: Nouvelle connexion à votre compte

            Quelqu'un s'est connecté à votre compte chez {{product}} depuis un appareil ou un lieu que nous ne
            connaissions pas\u{202F}: {{device}}, {{address}}, {{time}}.

            Si c'était vous, vous n'avez rien à faire. Sinon, choisissez tout de suite un nouveau mot de passe\u{202F}:
            toutes les sessions seront fermées.

            [Choisir un nouveau mot de passe]({{link}})
            """,
        vietnamese: """
            Subject: Đăng nhập mới vào tài khoản của bạn

            Ai đó đã đăng nhập vào tài khoản của bạn tại {{product}} từ một thiết bị hoặc nơi chúng tôi chưa từng thấy:
            {{device}}, {{address}}, {{time}}.

            Nếu là bạn, bạn không cần làm gì cả. Nếu không, hãy đặt mật khẩu mới ngay: mọi phiên đăng nhập sẽ kết thúc.

            [Đặt mật khẩu mới]({{link}})
            """)
}
