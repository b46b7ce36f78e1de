import Foundation

/// A certificate for 127.0.0.1 and localhost that vouches for itself, made by the openssl program.
package enum TestCertificate {
    /// Writes `cert.pem` and `key.pem`, valid for a day.
    package static func write(to directory: String) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "1",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
            "\(directory)/key.pem", "-out", "\(directory)/cert.pem",
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        try await until("openssl has made a certificate") { !process.isRunning }
        guard process.terminationStatus == 0 else { throw NoCertificate(status: process.terminationStatus) }
    }
}

private struct NoCertificate: Error {
    let status: Int32
}
