import Platform

extension LetterKind {
    /// To the new address of an account: confirms that it is the person's.
    static let emailChange = LetterKind(
        "email_change", topic: .signIn, variables: ["link", "code", "minutes"],
        english: """
            Subject: Confirm your new address

            Confirm that your account at {{product}} should use this address from now on.

            [Confirm my new address]({{link}})

            Or type this code:

            `{{code}}`

            -- The link and the code are good for {{minutes}} minutes and work once. If you did not ask for this, you can
            ignore this email.
            """,
        spanish: """
            Subject: Confirma tu nueva dirección

            Confirma que tu cuenta en {{product}} tendrá esta dirección a partir de ahora.

            [Confirmar mi nueva dirección]({{link}})

            O escribe este código:

            `{{code}}`

            -- El enlace y el código valen durante {{minutes}} minutos y funcionan una sola vez. Si no lo pediste, no
            tienes que hacer nada.
            """,
        german: """
            Subject: Bestätige deine neue Adresse

            Bestätige, dass dein Konto bei {{product}} von nun an diese Adresse haben soll.

            [Meine neue Adresse bestätigen]({{link}})

            Oder gib diesen Code ein:

            `{{code}}`

            -- Link und Code gelten {{minutes}} Minuten lang und nur einmal. Wenn du das nicht angefordert hast, brauchst
            du nichts zu tun.
            """,
        french: """
            Subject: Confirmez votre nouvelle adresse

            Confirmez que votre compte chez {{product}} utilisera désormais cette adresse.

            [Confirmer ma nouvelle adresse]({{link}})

            Ou saisissez ce code\u{202F}:

            `{{code}}`

            -- Le lien et le code sont valables {{minutes}} minutes et une seule fois. Si vous n'avez rien demandé, vous
            n'avez rien à faire.
            """,
        vietnamese: """
            Subject: Xác nhận địa chỉ mới của bạn

            Hãy xác nhận rằng từ nay tài khoản của bạn tại {{product}} sẽ dùng địa chỉ này.

            [Xác nhận địa chỉ mới của tôi]({{link}})

            Hoặc nhập mã này:

            `{{code}}`

            -- Liên kết và mã có hiệu lực trong {{minutes}} phút và chỉ dùng được một lần. Nếu bạn không yêu cầu, bạn
            không cần làm gì cả.
            """)

    /// To the present address of an account: the person agrees that it gets another.
    static let emailChangeCurrent = LetterKind(
        "email_change_current", topic: .signIn, variables: ["link", "code", "address"],
        english: """
            Subject: Agree to your new address

            Somebody, hopefully you, wants your account at {{product}} to use the address {{address}} from now on. It
            changes when both addresses have agreed.

            [Agree]({{link}})

            Or type this code:

            `{{code}}`

            -- If this was not you, do not agree, and change your password: somebody may be using your account.
            """,
        spanish: """
            Subject: Acepta tu nueva dirección

            Alguien, esperamos que tú, quiere que tu cuenta en {{product}} tenga la dirección {{address}} a partir de
            ahora. Cambiará cuando ambas direcciones lo hayan aceptado.

            [Aceptar]({{link}})

            O escribe este código:

            `{{code}}`

            -- Si no fuiste tú, no lo aceptes y cambia tu contraseña: puede que alguien esté usando tu cuenta.
            """,
        german: """
            Subject: Stimme deiner neuen Adresse zu

            Jemand, hoffentlich du, möchte, dass dein Konto bei {{product}} von nun an die Adresse {{address}} hat. Sie
            wird geändert, wenn beide Adressen zugestimmt haben.

            [Zustimmen]({{link}})

            Oder gib diesen Code ein:

            `{{code}}`

            -- Wenn du es nicht warst, stimme nicht zu und ändere dein Passwort: Vielleicht benutzt jemand dein Konto.
            """,
        french: """
            Subject: Acceptez votre nouvelle adresse

            Quelqu'un, vous, nous l'espérons, veut que votre compte chez {{product}} utilise désormais l'adresse
            {{address}}. Elle changera lorsque les deux adresses auront accepté.

            [Accepter]({{link}})

            Ou saisissez ce code\u{202F}:

            `{{code}}`

            -- Si ce n'était pas vous, n'acceptez pas et changez votre mot de passe\u{202F}: quelqu'un utilise peut-être votre
            compte.
            """,
        vietnamese: """
            Subject: Đồng ý với địa chỉ mới của bạn

            Ai đó, hy vọng là bạn, muốn tài khoản của bạn tại {{product}} từ nay dùng địa chỉ {{address}}. Địa chỉ
            sẽ thay đổi khi cả hai địa chỉ đã đồng ý.

            [Đồng ý]({{link}})

            Hoặc nhập mã này:

            `{{code}}`

            -- Nếu không phải bạn, đừng đồng ý và hãy đổi mật khẩu: có thể ai đó đang dùng tài khoản của bạn.
            """)
}
