import Platform
import Providers

/// Whether new passwords are looked up among leaked ones. GoTrue's names, without their prefix.
struct LeakSettings: Sendable {
    let leaks: LeakedPasswords?

    init(_ read: inout SettingReader) {
        read.group("Leaked passwords")
        let isOn = read.bool(
            "PASSWORD_HIBP_ENABLED", default: false,
            "Whether new passwords are looked up at Have I Been Pwned, which is told the first 20 bits of their SHA-1.")
        let failsClosed = read.bool(
            "PASSWORD_HIBP_FAIL_CLOSED", default: false,
            "Whether no password can be set while that service is not reached.")
        let url = read.url(
            "PASSWORD_HIBP_URL", default: "https://api.pwnedpasswords.com", "Where it is, or a copy of it.")
        guard isOn, let url else {
            leaks = nil
            return
        }
        let service = PwnedPasswords(url: url, userAgent: "lean-saas/\(Version.number)")
        leaks = LeakedPasswords(failsClosed: failsClosed) { try await service.contain($0) }
    }
}
