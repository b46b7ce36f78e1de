import Platform

extension LetterKind {
    /// To a new address: confirms that it is the person's.
    static let confirmation = LetterKind(
        "confirmation", topic: .signIn, variables: ["link", "code", "minutes"],
        english: """
            Subject: Confirm your address

            Welcome to {{product}}. Confirm that this address is yours, and your account is ready.

            [Confirm my address]({{link}})

            Or type this code where you signed up:

            `{{code}}`

            -- The link and the code are good for {{minutes}} minutes and work once. If you did not sign up, you can ignore
            this email.
            """,
        spanish: """
            Subject: Confirma tu dirección

            Te damos la bienvenida a {{product}}. Confirma que esta dirección es tuya y tu cuenta estará lista.

            [Confirmar mi dirección]({{link}})

            O escribe este código donde te registraste:

            `{{code}}`

            -- El enlace y el código valen durante {{minutes}} minutos y funcionan una sola vez. Si no te has
            registrado, no tienes que hacer nada.
            """,
        german: """
            Subject: Bestätige deine Adresse

            Willkommen bei {{product}}. Bestätige, dass diese Adresse dir gehört, und dein Konto ist bereit.

            [Meine Adresse bestätigen]({{link}})

            Oder gib diesen Code dort ein, wo du dich registriert hast:

            `{{code}}`

            -- Link und Code gelten {{minutes}} Minuten lang und nur einmal. Wenn du dich nicht registriert hast, brauchst du
            nichts zu tun.
            """,
        french: """
            Subject: Confirmez votre adresse

            Bienvenue chez {{product}}. Confirmez que cette adresse est la vôtre, et votre compte sera prêt.

            [Confirmer mon adresse]({{link}})

            Ou saisissez ce code là où vous avez demandé l'inscription\u{202F}:

            `{{code}}`

            -- Le lien et le code sont valables {{minutes}} minutes et une seule fois. Si vous n'avez pas demandé
            d'inscription, vous n'avez rien à faire.
            """,
        vietnamese: """
            Subject: Xác nhận địa chỉ của bạn

            Chào mừng bạn đến với {{product}}. Hãy xác nhận địa chỉ này là của bạn để kích hoạt tài khoản.

            [Xác nhận địa chỉ của tôi]({{link}})

            Hoặc nhập mã này tại nơi bạn đã đăng ký:

            `{{code}}`

            -- Liên kết và mã có hiệu lực trong {{minutes}} phút và chỉ dùng được một lần. Nếu bạn không đăng ký, bạn
            không cần làm gì cả.
            """)

    /// To an address that has an account already, when somebody signs up with it: on the page nobody is told.
    static let accountExists = LetterKind(
        "account_exists", topic: .signIn, variables: [],
        english: """
            Subject: You already have an account

            Somebody, perhaps you, tried to sign up at {{product}} with this address. There is an account with it already.

            [Go to {{product}}]({{site}})

            -- If you forgot your password, ask for a new one there. If this was not you, you can ignore this email:
            nothing was changed.
            """,
        spanish: """
            Subject: Ya tienes una cuenta

            Alguien, quizá tú, intentó registrarse en {{product}} con esta dirección. Esta dirección ya tiene una
            cuenta.

            [Ir a {{product}}]({{site}})

            -- Si olvidaste tu contraseña, pide allí una nueva. Si no fuiste tú, no tienes que hacer nada: no se ha
            cambiado nada.
            """,
        german: """
            Subject: Du hast schon ein Konto

            Jemand, vielleicht du, wollte sich bei {{product}} mit dieser Adresse registrieren. Zu ihr gibt es schon
            ein Konto.

            [Zu {{product}}]({{site}})

            -- Wenn du dein Passwort vergessen hast, fordere dort ein neues an. Wenn du es nicht warst, brauchst du
            nichts zu tun: Es wurde nichts geändert.
            """,
        french: """
            Subject: Vous avez déjà un compte

            Quelqu'un, peut-être vous, a voulu s'inscrire chez {{product}} avec votre adresse. Un compte existe déjà avec
            cette adresse.

            [Aller sur {{product}}]({{site}})

            -- Si vous avez oublié votre mot de passe, demandez-en un nouveau. Si ce n'était pas vous, vous n'avez rien à
            faire\u{202F}: rien n'a été modifié.
            """,
        vietnamese: """
            Subject: Bạn đã có tài khoản

            Ai đó, có thể là bạn, đã thử đăng ký tại {{product}} bằng địa chỉ này. Địa chỉ này đã có tài khoản.

            [Đến {{product}}]({{site}})

            -- Nếu bạn quên mật khẩu, hãy yêu cầu mật khẩu mới ở đó. Nếu không phải bạn, bạn không cần làm gì cả: không
            có gì bị thay đổi.
            """)

    /// To somebody whom an operator invites.
    static let invite = LetterKind(
        "invite", topic: .signIn, variables: ["link", "code"],
        english: """
            Subject: You are invited to {{product}}

            You are invited to create an account at {{product}}.

            [Accept the invitation]({{link}})

            Or type this code when you are asked for one:

            `{{code}}`

            -- The link and the code work once. If you do not want an account, you can ignore this email.
            """,
        spanish: """
            Subject: Tienes una invitación a {{product}}

            Te han invitado a crear una cuenta en {{product}}.

            [Aceptar la invitación]({{link}})

            O escribe este código cuando se te pida:

            `{{code}}`

            -- El enlace y el código funcionan una sola vez. Si no quieres una cuenta, no tienes que hacer nada.
            """,
        german: """
            Subject: Du bist zu {{product}} eingeladen

            Du bist eingeladen, ein Konto bei {{product}} zu erstellen.

            [Einladung annehmen]({{link}})

            Oder gib diesen Code ein, wenn du danach gefragt wirst:

            `{{code}}`

            -- Link und Code gelten nur einmal. Wenn du kein Konto willst, brauchst du nichts zu tun.
            """,
        french: """
            Subject: Vous avez reçu une invitation à rejoindre {{product}}

            On vous invite à créer un compte chez {{product}}.

            [Accepter l'invitation]({{link}})

            Ou saisissez ce code lorsqu'il vous est demandé\u{202F}:

            `{{code}}`

            -- Le lien et le code fonctionnent une seule fois. Si vous ne voulez pas de compte, vous n'avez rien à faire.
            """,
        vietnamese: """
            Subject: Bạn được mời tham gia {{product}}

            Bạn được mời tạo tài khoản tại {{product}}.

            [Chấp nhận lời mời]({{link}})

            Hoặc nhập mã này khi được yêu cầu:

            `{{code}}`

            -- Liên kết và mã chỉ dùng được một lần. Nếu bạn không muốn tạo tài khoản, bạn không cần làm gì cả.
            """)
}
