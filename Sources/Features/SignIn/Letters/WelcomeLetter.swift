import Platform

extension LetterKind {
    /// The first letter to somebody whose address is confirmed.
    static let welcome = LetterKind(
        "welcome", topic: .welcome, variables: [],
        english: """
            Subject: Welcome to {{product}}

            Your account at {{product}} is ready. It is good to have you here.

            [Go to {{product}}]({{site}})
            """,
        spanish: """
            Subject: Te damos la bienvenida a {{product}}

            Tu cuenta en {{product}} está lista. Nos alegra tenerte aquí.

            [Ir a {{product}}]({{site}})
            """,
        german: """
            Subject: Willkommen bei {{product}}

            Dein Konto bei {{product}} ist bereit. Schön, dass du da bist.

            [Zu {{product}}]({{site}})
            """,
        french: """
            Subject: Bienvenue chez {{product}}

            Votre compte chez {{product}} est prêt. Nous sommes heureux de vous accueillir.

            [Aller sur {{product}}]({{site}})
            """,
        vietnamese: """
            Subject: Chào mừng bạn đến với {{product}}

            Tài khoản của bạn tại {{product}} đã sẵn sàng. Rất vui được đón bạn.

            [Đến {{product}}]({{site}})
            """)
}
