import Codecs
import HTTPTypes
import Platform

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Core {
    struct VersionQuestion: RequestInput {
        let isMinimal: Bool

        static let input = Input<VersionQuestion>(
            .flag("minimal", default: false, "Only version and environment."),
            make: VersionQuestion.init(isMinimal:)
        )
    }

    func version(_ call: Call<Visitor, VersionQuestion>) async throws -> Answer {
        let build = call.services.build
        let commit = String((build.commit ?? "unknown").prefix(8))
        var answer: JSONObject = [
            "version": .string(build.version),
            "buildNumber": .string(build.number),
            "commitHash": .string(commit),
            "environment": .string(build.stage.rawValue),
        ]
        // What `_meta` tells of the request itself is no part of what clients keep.
        let isClosed = call.services.maintenance.notice != nil
        let parts = [
            build.version, build.number, commit, isClosed ? "closed" : "open", call.input.isMinimal ? "m" : "f",
        ]
        if !call.input.isMinimal { addDetails(&answer, call) }
        var reply = Answer(
            headers: [
                (.apiVersion, "v1"), (.buildNumber, build.number), (.commitHash, commit),
                (.cacheControl, "public, max-age=300"),
            ], JSON.object(answer))
        reply.entityTag = parts.joined(separator: "-")
        return reply
    }

    private func addDetails(_ answer: inout JSONObject, _ call: Call<Visitor, VersionQuestion>) {
        let start = ContinuousClock.now
        answer["runtime"] = ["name": "swift", "version": .string(Self.swiftVersion)]
        answer["api"] = [
            "version": "v1", "basePath": "/functions/v1", "documentation": "/docs", "supportedVersions": ["v1"],
            "deprecatedVersions": [],
        ]
        answer["services"] = ["database": "postgresql", "auth": "enabled"]
        answer["features"] = ["maintenance": .bool(call.services.maintenance.notice != nil)]
        answer["deployment"] = ["platform": .string(Self.platform), "region": "unknown"]
        answer["_meta"] = [
            "timestamp": .string(call.now.rfc3339),
            "requestId": .string(UUID().uuidString.lowercased()),
            "responseTime": JSON(max(0.001, (ContinuousClock.now - start).inMilliseconds)),
        ]
    }

    private static var swiftVersion: String {
        #if compiler(>=6.4)
        "6.4"
        #elseif compiler(>=6.3)
        "6.3"
        #else
        "6.2"
        #endif
    }

    private static var platform: String {
        #if os(Linux)
        "linux"
        #else
        "macos"
        #endif
    }
}
