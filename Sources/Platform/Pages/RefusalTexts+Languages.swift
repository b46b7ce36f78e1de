extension RefusalTexts {
    static let english = RefusalTexts(
        badRequest: Words(
            "This did not work",
            "Something in what was sent is not right. Go back, check what you typed, and try again."),
        forbidden: Words("This is not allowed", "You cannot do this here."),
        foreignForm: Words(
            "This form came from elsewhere",
            "For your safety we take forms from our own pages only. Open the page here, and try again."),
        notFound: Words("There is no such page", "The address may be mistyped, or the page is gone."),
        wrongMethod: Words(
            "This page cannot be opened directly",
            "Go back, and use the form or the link that leads here."),
        tooSlow: Words("This took too long", "Try again in a moment."),
        tooLarge: Words("This is too much", "What was sent is too large. Make it shorter, and try again."),
        unreadable: Words(
            "This cannot be read",
            "What was sent is not a form of ours. Go back, and send the form again."),
        tooOften: Words("Too many attempts", "Please wait a while, and then try again."),
        waitOneMinute: "Please try again in a minute.",
        waitMinutes: "Please try again in % minutes.",
        broken: Words(
            "Something went wrong",
            "The fault is ours, not yours. Try again. If it happens again, tell us the number below."),
        unavailable: Words("This is not available right now", "Try again in a moment."),
        maintenance: Words("Closed for maintenance", "We are working on it and will be back soon."),
        tryAgain: "Try again",
        goTo: "Go to %")
}

extension RefusalTexts {
    static let german = RefusalTexts(
        badRequest: Words(
            "Das hat nicht geklappt",
            "Etwas an der Eingabe stimmt nicht. Geh zurück, prüfe sie und versuche es noch einmal."),
        forbidden: Words("Das ist nicht erlaubt", "Das kannst du hier nicht tun."),
        foreignForm: Words(
            "Dieses Formular kam von anderswo",
            "Zu deiner Sicherheit nehmen wir Formulare nur von unseren eigenen Seiten an. Öffne die Seite hier "
                + "und versuche es noch einmal."),
        notFound: Words(
            "Diese Seite gibt es nicht",
            "Vielleicht ist die Adresse falsch geschrieben, oder die Seite gibt es nicht mehr."),
        wrongMethod: Words(
            "Diese Seite lässt sich nicht direkt öffnen",
            "Geh zurück und benutze das Formular oder den Link, der hierher führt."),
        tooSlow: Words("Das hat zu lange gedauert", "Versuche es gleich noch einmal."),
        tooLarge: Words("Das ist zu viel", "Die Eingabe ist zu groß. Kürze sie und versuche es noch einmal."),
        unreadable: Words(
            "Das lässt sich nicht lesen",
            "Das war kein Formular von uns. Geh zurück und schicke das Formular noch einmal ab."),
        tooOften: Words("Zu viele Versuche", "Bitte warte eine Weile und versuche es dann noch einmal."),
        waitOneMinute: "Bitte versuche es in einer Minute noch einmal.",
        waitMinutes: "Bitte versuche es in % Minuten noch einmal.",
        broken: Words(
            "Etwas ist schiefgegangen",
            "Der Fehler liegt bei uns, nicht bei dir. Versuche es noch einmal. Wenn es wieder passiert, nenne "
                + "uns die Nummer unten."),
        unavailable: Words("Das ist gerade nicht verfügbar", "Versuche es gleich noch einmal."),
        maintenance: Words("Wegen Wartung geschlossen", "Wir arbeiten daran und sind bald wieder da."),
        tryAgain: "Noch einmal versuchen",
        goTo: "Zu %")
}

extension RefusalTexts {
    static let french = RefusalTexts(
        badRequest: Words(
            "Cela n'a pas fonctionné",
            "Quelque chose ne va pas dans votre saisie. Revenez en arrière, vérifiez-la et réessayez."),
        forbidden: Words("Ce n'est pas autorisé", "Vous ne pouvez pas faire cela ici."),
        foreignForm: Words(
            "Ce formulaire vient d'ailleurs",
            "Pour votre sécurité, nous n'acceptons que les formulaires de nos propres pages. Ouvrez la page ici "
                + "et réessayez."),
        notFound: Words("Cette page n'existe pas", "L'adresse est peut-être mal écrite, ou la page n'existe plus."),
        wrongMethod: Words(
            "Cette page ne s'ouvre pas directement",
            "Revenez en arrière et utilisez le formulaire ou le lien qui mène ici."),
        tooSlow: Words("Cela a pris trop de temps", "Réessayez dans un instant."),
        tooLarge: Words("C'est trop", "Votre saisie est trop longue. Raccourcissez-la et réessayez."),
        unreadable: Words(
            "Impossible de lire cet envoi",
            "Ce n'était pas l'un de nos formulaires. Revenez en arrière et renvoyez le formulaire."),
        tooOften: Words("Trop de tentatives", "Veuillez patienter un moment, puis réessayez."),
        waitOneMinute: "Veuillez réessayer dans une minute.",
        waitMinutes: "Veuillez réessayer dans % minutes.",
        broken: Words(
            "Une erreur s'est produite",
            "L'erreur vient de nous, pas de vous. Réessayez. Si elle se répète, indiquez-nous le numéro ci-dessous."),
        unavailable: Words("Ce service n'est pas disponible pour le moment", "Réessayez dans un instant."),
        maintenance: Words("Fermé pour maintenance", "Nous y travaillons et serons bientôt de retour."),
        tryAgain: "Réessayer",
        goTo: "Aller sur %")
}

extension RefusalTexts {
    static let spanish = RefusalTexts(
        badRequest: Words(
            "No ha funcionado",
            "Algo de lo que has escrito no es correcto. Vuelve atrás, revísalo e inténtalo de nuevo."),
        forbidden: Words("Esto no está permitido", "No puedes hacer esto aquí."),
        foreignForm: Words(
            "Este formulario viene de otro sitio",
            "Por tu seguridad solo aceptamos formularios de nuestras propias páginas. Abre la página aquí e "
                + "inténtalo de nuevo."),
        notFound: Words(
            "Esta página no existe",
            "Puede que la dirección esté mal escrita o que la página ya no exista."),
        wrongMethod: Words(
            "Esta página no se puede abrir directamente",
            "Vuelve atrás y usa el formulario o el enlace que lleva hasta aquí."),
        tooSlow: Words("Esto ha tardado demasiado", "Inténtalo de nuevo en un momento."),
        tooLarge: Words("Es demasiado", "Lo que has enviado es demasiado grande. Acórtalo e inténtalo de nuevo."),
        unreadable: Words(
            "No se puede leer",
            "Lo que se ha enviado no es un formulario nuestro. Vuelve atrás y envía el formulario de nuevo."),
        tooOften: Words("Demasiados intentos", "Espera un rato e inténtalo de nuevo."),
        waitOneMinute: "Inténtalo de nuevo en un minuto.",
        waitMinutes: "Inténtalo de nuevo en % minutos.",
        broken: Words(
            "Algo ha ido mal",
            "El error es nuestro, no tuyo. Inténtalo de nuevo. Si se repite, indícanos el número de abajo."),
        unavailable: Words("Esto no está disponible ahora mismo", "Inténtalo de nuevo en un momento."),
        maintenance: Words("Cerrado por mantenimiento", "Estamos trabajando en ello y volveremos pronto."),
        tryAgain: "Intentar de nuevo",
        goTo: "Ir a %")
}

extension RefusalTexts {
    static let vietnamese = RefusalTexts(
        badRequest: Words(
            "Thao tác không thành công",
            "Có gì đó chưa đúng trong nội dung đã gửi. Hãy quay lại, kiểm tra rồi thử lại."),
        forbidden: Words("Không được phép", "Bạn không thể làm việc này ở đây."),
        foreignForm: Words(
            "Biểu mẫu này đến từ nơi khác",
            "Để bảo vệ bạn, chúng tôi chỉ nhận biểu mẫu từ các trang của mình. Hãy mở trang tại đây rồi thử lại."),
        notFound: Words("Không có trang này", "Có thể địa chỉ bị gõ sai, hoặc trang không còn nữa."),
        wrongMethod: Words(
            "Không thể mở trực tiếp trang này",
            "Hãy quay lại và dùng biểu mẫu hoặc liên kết dẫn đến đây."),
        tooSlow: Words("Việc này mất quá nhiều thời gian", "Hãy thử lại sau giây lát."),
        tooLarge: Words("Nội dung quá lớn", "Nội dung đã gửi quá lớn. Hãy rút ngắn rồi thử lại."),
        unreadable: Words(
            "Không đọc được nội dung",
            "Nội dung đã gửi không phải là biểu mẫu của chúng tôi. Hãy quay lại và gửi lại biểu mẫu."),
        tooOften: Words("Quá nhiều lần thử", "Vui lòng đợi một lúc rồi thử lại."),
        waitOneMinute: "Vui lòng thử lại sau một phút.",
        waitMinutes: "Vui lòng thử lại sau % phút.",
        broken: Words(
            "Đã xảy ra lỗi",
            "Lỗi là ở phía chúng tôi, không phải ở bạn. Hãy thử lại. Nếu lỗi lặp lại, hãy cho chúng tôi biết mã "
                + "số bên dưới."),
        unavailable: Words("Hiện không khả dụng", "Hãy thử lại sau giây lát."),
        maintenance: Words("Tạm đóng để bảo trì", "Chúng tôi đang bảo trì và sẽ sớm trở lại."),
        tryAgain: "Thử lại",
        goTo: "Đến %")
}
