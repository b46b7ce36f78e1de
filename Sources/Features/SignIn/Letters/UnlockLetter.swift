import Platform

extension LetterKind {
    /// Signs in when so many wrong passwords were tried that the right one alone is not enough.
    static let unlock = LetterKind(
        "unlock", topic: .recovery, variables: ["link", "code", "minutes"],
        english: """
            Subject: Somebody is trying passwords on your account

            Somebody has tried many wrong passwords on your account at {{product}}. Where you were signed in before,
            nothing changes. From elsewhere your password alone is not enough for now: sign in with this link.

            [Sign in]({{link}})

            Or type this code where you are asked for one:

            `{{code}}`

            -- The link and the code are good for {{minutes}} minutes and work once. If you are not signing in right
            now, you can ignore this email. Never tell anybody the code.
            """,
        spanish: """
            Subject: Alguien está probando contraseñas en tu cuenta

            Alguien ha probado muchas contraseñas incorrectas en tu cuenta en {{product}}. Donde ya habías entrado no
            cambia nada. Desde otros lugares tu contraseña no basta por ahora: entra con este enlace.

            [Entrar]({{link}})

            O escribe este código donde se te pida:

            `{{code}}`

            -- El enlace y el código valen durante {{minutes}} minutos y funcionan una sola vez. Si no estás entrando
            ahora, no tienes que hacer nada. No le digas el código a nadie.
            """,
        german: """
            Subject: Jemand probiert Passwörter für dein Konto aus

            Jemand hat viele falsche Passwörter für dein Konto bei {{product}} ausprobiert. Wo du schon angemeldet
            warst, ändert sich nichts. Von anderswo reicht dein Passwort allein vorerst nicht: Melde dich mit diesem
            Link an.

            [Anmelden]({{link}})

            Oder gib diesen Code dort ein, wo du danach gefragt wirst:

            `{{code}}`

            -- Link und Code gelten {{minutes}} Minuten lang und nur einmal. Wenn du dich gerade nicht anmeldest,
            brauchst du nichts zu tun. Nenne den Code niemandem.
            """,
        french: """
            Subject: Quelqu'un essaie des mots de passe sur votre compte

            Quelqu'un a essayé de nombreux mots de passe incorrects sur votre compte chez {{product}}. Là où votre
            compte était déjà utilisé, rien ne change. Depuis un autre endroit, votre mot de passe ne suffit pas pour le
            moment\u{202F}: utilisez ce lien.

            [Se connecter]({{link}})

            Ou saisissez ce code là où il vous est demandé\u{202F}:

            `{{code}}`

            -- Le lien et le code sont valables {{minutes}} minutes et une seule fois. Si vous n'êtes pas en train de
            vous connecter, vous n'avez rien à faire. Ne donnez ce code à personne.
            """,
        vietnamese: """
            Subject: Ai đó đang thử mật khẩu tài khoản của bạn

            Ai đó đã thử nhiều mật khẩu sai cho tài khoản của bạn tại {{product}}. Ở những nơi bạn đã từng đăng nhập,
            không có gì thay đổi. Từ nơi khác, tạm thời chỉ mật khẩu là chưa đủ: hãy đăng nhập bằng liên kết này.

            [Đăng nhập]({{link}})

            Hoặc nhập mã này tại nơi được yêu cầu:

            `{{code}}`

            -- Liên kết và mã có hiệu lực trong {{minutes}} phút và chỉ dùng được một lần. Nếu lúc này bạn không đăng
            nhập, bạn không cần làm gì cả. Đừng cho ai biết mã này.
            """)
}
