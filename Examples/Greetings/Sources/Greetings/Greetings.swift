import Platform
import Postgres

/// A feature in a package of its own: it greets, and counts whom it has greeted.
public enum Greetings {}

extension Feature {
    public static func greetings(_ read: inout SettingReader) -> Feature {
        read.group("Greetings")
        let word = read.string("GREETING", default: "Hello", "The word to greet with.")
        return Feature(
            name: "greetings",
            needs: ["organizations"],
            functions: [
                .post("greet", .needs(.greet), "Greet somebody") { try await Greetings.greet($0, word: word) }
            ],
            schema: Greetings.schema,
            commands: [Command("greetings.count", "How many have been greeted", Greetings.count)],
            permissions: [.greet]
        )
    }
}

extension Permission {
    static let greet = Permission("greetings:greet", from: .member, "Greet people")
}

struct Greeting: Output {
    let text: String
    let count: Int

    static let shape = Shape<Greeting>("Greeting", [Member("text") { $0.text }, Member("count") { $0.count }])
}

extension Greetings {
    struct Whom: RequestInput {
        let name: String

        static let input = Input<Whom>(.text("name", 1...100, "Whom to greet."), make: Whom.init(name:))
    }

    static func greet(_ call: Call<Principal, Whom>, word: String) async throws -> Greeting {
        let count: Int = try await call.database.one(
            """
            insert into greetings (name) values (\(call.input.name))
            on conflict (organization_id, name) do update set count = greetings.count + 1
            returning count
            """
        ) { try $0["count"] }
        return Greeting(text: "\(word), \(call.input.name)!", count: count)
    }

    /// For operators, under the owner's eyes alone: it counts over all organizations.
    static func count(_ words: [String], _ services: Services) async throws -> String {
        let count: Int = try await services.platform.one("select count(*) as n from greetings") { try $0["n"] }
        return "\(count) greeted"
    }

    static let schema = Schema(
        tables: [Table("public.greetings", .customers, personal: ["name"], kept: .whileCustomer)],
        migrations: [
            Migration(
                "001_create_greetings",
                """
                create table public.greetings (
                    organization_id uuid not null default auth.org_id()
                        references public.organizations (id) on delete cascade,
                    name text not null check (length(name) between 1 and 100),
                    count bigint not null default 1,
                    primary key (organization_id, name)
                );
                alter table public.greetings enable row level security;
                alter table public.greetings force row level security;
                grant select, insert, update on public.greetings to authenticated, service_role;
                grant select on public.greetings to lean_platform;
                create policy platform on public.greetings for select to lean_platform using (true);
                create policy own on public.greetings to authenticated
                    using (organization_id = (select auth.org_id()) and (select auth.permits('greetings:greet')))
                    with check (organization_id = (select auth.org_id()) and (select auth.permits('greetings:greet')));
                create policy owner on public.greetings to lean_owner using (true) with check (true);
                """)
        ]
    )
}
