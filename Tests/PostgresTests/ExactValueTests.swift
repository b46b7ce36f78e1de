import Codecs
import Foundation
import Postgres
import TestKit
import Testing

@Suite(.freshDatabase, .timeLimit(.minutes(10))) struct ExactValueTests {
    private static func decimal(_ text: String) -> Decimal? {
        Array(text.utf8).withUnsafeBufferPointer { Decimal(sqlText: $0) }
    }

    @Test(arguments: [
        "0", "1", "-1", "0.1", "-0.000001", "12345678901234567890123456789012345678",
        "0.00000000000000000001", "-99999999999999999999.999999999999999999",
        "10000000000000000000000000000000000000000",
        "18446744073709551616", "9999999999999999999", "10000000000000000001",
    ])
    func `a numeric comes back digit for digit`(_ text: String) async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let value = try #require(Self.decimal(text))
        let row = try await database.one(
            "select \(value)::numeric as value, \(value)::numeric = \(text)::numeric as is_same"
        ) { $0 }
        let (back, isSame): (Decimal, Bool) = (try row["value"], try row["is_same"])
        #expect(back == value)
        #expect(isSame)
        await database.close()
    }

    @Test func `the scale is not kept, the value is`() {
        #expect(Self.decimal("1.50") == Decimal(string: "1.5"))
        #expect(Self.decimal("-0.00") == 0)
        #expect(Self.decimal("NaN")?.isNaN == true)
        #expect(Decimal.nan.sqlParameter == .text("NaN"))
    }

    @Test(arguments: [
        "", "-", ".", "1.", ".5", "+1", " 1", "1 ", "1e5", "0x10", "1_000", "1,5", "--1", "1.2.3", "Infinity",
        "-Infinity", "nan", "１", "123456789012345678901234567890123456789", "1\0",
        "1" + String(repeating: "0", count: 170), "0." + String(repeating: "0", count: 128) + "1",
        String(repeating: "9", count: 100_000),
    ])
    func `what is no numeric, or would have to be rounded, is refused`(_ text: String) {
        #expect(Self.decimal(text) == nil)
    }

    @Test func `addresses and networks come back as they went`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        for text in ["192.0.2.7", "2001:db8::1", "::", "::1"] {
            let address = try #require(IPAddress(text))
            let back: IPAddress = try await database.one("select \(address)::inet as value") { try $0["value"] }
            #expect(back == address)
        }
        for text in ["10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "192.0.2.7/32"] {
            let network = try #require(IPNetwork(text))
            let row = try await database.one(
                "select \(network)::cidr as value, \(network)::inet >> '10.1.2.3' as holds"
            ) { $0 }
            let (back, holds): (IPNetwork, Bool) = (try row["value"], try row["holds"])
            #expect(back == network)
            let host = try #require(IPAddress("10.1.2.3"))
            #expect(holds == network.contains(host))
        }
        await database.close()
    }

    @Test func `a host with a network's prefix is not read as less than it is`() async throws {
        let database = try await TestDatabase.current.pool(as: "postgres")
        let row = try await database.one("select '10.1.2.3/8'::inet as value, host('10.1.2.3/8'::inet) as host") { $0 }
        #expect(throws: DatabaseError.self) { let _: IPAddress = try row["value"] }
        #expect(throws: DatabaseError.self) { let _: IPNetwork = try row["value"] }
        let host: String = try row["host"]
        #expect(host == "10.1.2.3")
        await database.close()
    }
}
