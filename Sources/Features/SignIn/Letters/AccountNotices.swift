import Platform

extension LetterKind {
    /// Tells a person that their password was changed.
    static let passwordChanged = LetterKind(
        "password_changed", topic: .notification, variables: ["link"],
        english: """
            Subject: Your password was changed

            The password of your account at {{product}} was changed. All other sessions were ended.

            If this was not you, set a new password at once: that ends all sessions.

            [Set a new password]({{link}})
            """,
        spanish: """
            Subject: Tu contraseña ha cambiado

            La contraseña de tu cuenta en {{product}} ha cambiado. Todas las demás sesiones se han cerrado.

            Si no fuiste tú, elige enseguida una nueva contraseña: así se cierran todas las sesiones.

            [Elegir una nueva contraseña]({{link}})
            """,
        german: """
            Subject: Dein Passwort wurde geändert

            Das Passwort deines Kontos bei {{product}} wurde geändert. Alle anderen Sitzungen wurden beendet.

            Wenn du es nicht warst, wähle sofort ein neues Passwort: Damit enden alle Sitzungen.

            [Neues Passwort wählen]({{link}})
            """,
        french: """
            Subject: Votre mot de passe a été modifié

            Le mot de passe de votre compte chez {{product}} a été modifié. Toutes les autres sessions ont été fermées.

            Si ce n'était pas vous, choisissez tout de suite un nouveau mot de passe\u{202F}: toutes les sessions seront
            fermées.

            [Choisir un nouveau mot de passe]({{link}})
            """,
        vietnamese: """
            Subject: Mật khẩu của bạn đã được đổi

            Mật khẩu tài khoản của bạn tại {{product}} đã được đổi. Mọi phiên đăng nhập khác đã kết thúc.

            Nếu không phải bạn, hãy đặt mật khẩu mới ngay: mọi phiên đăng nhập sẽ kết thúc.

            [Đặt mật khẩu mới]({{link}})
            """)

    /// Tells the former address that the account has another now.
    static let emailChanged = LetterKind(
        "email_changed", topic: .notification, variables: [],
        english: """
            Subject: Your address was changed

            Your account at {{product}} has another address now. This one no longer signs in.

            -- If this was not you, write to us at once: {{site}}
            """,
        spanish: """
            Subject: Tu dirección ha cambiado

            Tu cuenta en {{product}} tiene ahora otra dirección. Con esta ya no se puede entrar.

            -- Si no fuiste tú, escríbenos enseguida: {{site}}
            """,
        german: """
            Subject: Deine Adresse wurde geändert

            Dein Konto bei {{product}} hat jetzt eine andere Adresse. Mit dieser kann man sich nicht mehr anmelden.

            -- Wenn du es nicht warst, schreib uns sofort: {{site}}
            """,
        french: """
            Subject: Votre adresse a été modifiée

            Votre compte chez {{product}} a désormais une autre adresse. Celle-ci ne permet plus de se connecter.

            -- Si ce n'était pas vous, écrivez-nous tout de suite\u{202F}: {{site}}
            """,
        vietnamese: """
            Subject: Địa chỉ của bạn đã được đổi

            Tài khoản của bạn tại {{product}} hiện dùng địa chỉ khác. Địa chỉ này không còn dùng để đăng nhập được nữa.

            -- Nếu không phải bạn, hãy liên hệ với chúng tôi ngay: {{site}}
            """)
}
