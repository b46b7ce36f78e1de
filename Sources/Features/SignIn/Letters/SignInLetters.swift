import Platform

extension LetterKind {
    /// Signs in without a password.
    static let magicLink = LetterKind(
        "magic_link", topic: .signIn, variables: ["link", "code", "minutes"],
        english: """
            Subject: Your link to sign in

            Sign in to {{product}} with this link.

            [Sign in]({{link}})

            Or type this code where you asked for it:

            `{{code}}`

            -- The link and the code are good for {{minutes}} minutes and work once. If you did not ask for them, you can
            ignore this email. Never tell anybody the code.
            """,
        spanish: """
            Subject: Tu enlace para entrar

            Entra en {{product}} con este enlace.

            [Entrar]({{link}})

            O escribe este código donde lo pediste:

            `{{code}}`

            -- El enlace y el código valen durante {{minutes}} minutos y funcionan una sola vez. Si no los pediste, no
            tienes que hacer nada. No le digas el código a nadie.
            """,
        german: """
            Subject: Dein Link zum Anmelden

            Melde dich mit diesem Link bei {{product}} an.

            [Anmelden]({{link}})

            Oder gib diesen Code dort ein, wo du ihn angefordert hast:

            `{{code}}`

            -- Link und Code gelten {{minutes}} Minuten lang und nur einmal. Wenn du das nicht angefordert hast, brauchst
            du nichts zu tun. Nenne den Code niemandem.
            """,
        french: """
            Subject: Votre lien de connexion

            Connectez-vous à {{product}} avec ce lien.

            [Se connecter]({{link}})

            Ou saisissez ce code là où vous l'avez demandé\u{202F}:

            `{{code}}`

            -- Le lien et le code sont valables {{minutes}} minutes et une seule fois. Si vous ne les avez pas demandés, vous
            n'avez rien à faire. Ne donnez ce code à personne.
            """,
        vietnamese: """
            Subject: Liên kết đăng nhập của bạn

            Đăng nhập vào {{product}} bằng liên kết này.

            [Đăng nhập]({{link}})

            Hoặc nhập mã này tại nơi bạn đã yêu cầu:

            `{{code}}`

            -- Liên kết và mã có hiệu lực trong {{minutes}} phút và chỉ dùng được một lần. Nếu bạn không yêu cầu, bạn
            không cần làm gì cả. Đừng cho ai biết mã này.
            """)

    /// Lets a person who forgot their password set a new one.
    static let recovery = LetterKind(
        "recovery", topic: .recovery, variables: ["link", "code", "minutes"],
        english: """
            Subject: Set a new password

            Somebody, hopefully you, asked for a new password at {{product}}.

            [Set a new password]({{link}})

            Or type this code where you asked for it:

            `{{code}}`

            -- The link and the code are good for {{minutes}} minutes and work once. If you did not ask for them, you can
            ignore this email: your password stays as it is.
            """,
        spanish: """
            Subject: Elige una nueva contraseña

            Alguien, esperamos que tú, pidió una nueva contraseña en {{product}}.

            [Elegir una nueva contraseña]({{link}})

            O escribe este código donde lo pediste:

            `{{code}}`

            -- El enlace y el código valen durante {{minutes}} minutos y funcionan una sola vez. Si no los pediste, no
            tienes que hacer nada: tu contraseña sigue igual.
            """,
        german: """
            Subject: Wähle ein neues Passwort

            Jemand, hoffentlich du, hat bei {{product}} ein neues Passwort angefordert.

            [Neues Passwort wählen]({{link}})

            Oder gib diesen Code dort ein, wo du ihn angefordert hast:

            `{{code}}`

            -- Link und Code gelten {{minutes}} Minuten lang und nur einmal. Wenn du das nicht angefordert hast, brauchst
            du nichts zu tun: Dein Passwort bleibt, wie es ist.
            """,
        french: """
            Subject: Choisissez un nouveau mot de passe

            Quelqu'un, vous, nous l'espérons, a demandé un nouveau mot de passe chez {{product}}.

            [Choisir un nouveau mot de passe]({{link}})

            Ou saisissez ce code là où vous l'avez demandé\u{202F}:

            `{{code}}`

            -- Le lien et le code sont valables {{minutes}} minutes et une seule fois. Si vous ne les avez pas demandés, vous
            n'avez rien à faire\u{202F}: votre mot de passe reste inchangé.
            """,
        vietnamese: """
            Subject: Đặt mật khẩu mới

            Ai đó, hy vọng là bạn, đã yêu cầu mật khẩu mới tại {{product}}.

            [Đặt mật khẩu mới]({{link}})

            Hoặc nhập mã này tại nơi bạn đã yêu cầu:

            `{{code}}`

            -- Liên kết và mã có hiệu lực trong {{minutes}} phút và chỉ dùng được một lần. Nếu bạn không yêu cầu, bạn
            không cần làm gì cả: mật khẩu của bạn vẫn như cũ.
            """)

    /// A code that proves anew who is there, before a password is changed.
    static let reauthentication = LetterKind(
        "reauthentication", topic: .recovery, variables: ["code", "minutes"],
        english: """
            Subject: Your code is {{code}}

            Type this code at {{product}} to show that it is you:

            `{{code}}`

            -- It is good for {{minutes}} minutes and works once. If you did not ask for it, somebody may be using your
            account: sign out everywhere and change your password.
            """,
        spanish: """
            Subject: Tu código es {{code}}

            Escribe este código en {{product}} para demostrar que eres tú:

            `{{code}}`

            -- Vale durante {{minutes}} minutos y funciona una sola vez. Si no lo pediste, puede que alguien esté usando
            tu cuenta: cierra todas las sesiones y cambia tu contraseña.
            """,
        german: """
            Subject: Dein Code ist {{code}}

            Gib diesen Code bei {{product}} ein, um zu zeigen, dass du es bist:

            `{{code}}`

            -- Er gilt {{minutes}} Minuten lang und nur einmal. Wenn du ihn nicht angefordert hast, benutzt vielleicht
            jemand dein Konto: Melde dich überall ab und ändere dein Passwort.
            """,
        french: """
            Subject: Votre code est {{code}}

            Saisissez ce code chez {{product}} pour prouver que c'est bien vous\u{202F}:

            `{{code}}`

            -- Il est valable {{minutes}} minutes et une seule fois. Si vous ne l'avez pas demandé, quelqu'un utilise
            peut-être votre compte\u{202F}: déconnectez-vous partout et changez votre mot de passe.
            """,
        vietnamese: """
            Subject: Mã của bạn là {{code}}

            Nhập mã này tại {{product}} để xác nhận đó là bạn:

            `{{code}}`

            -- Mã có hiệu lực trong {{minutes}} phút và chỉ dùng được một lần. Nếu bạn không yêu cầu, có thể ai đó đang
            dùng tài khoản của bạn: hãy đăng xuất khỏi mọi thiết bị và đổi mật khẩu.
            """)
}
