import Codecs
import HTTPTypes
import Platform
import Postgres

extension SignIn {
    struct UserQuery: RequestInput {
        let page: Int
        let perPage: Int
        let filter: String?

        static let input = Input<UserQuery>(
            Field.int("page", 0...1_000_000, default: 1, "Which page, from 1."),
            Field.int("per_page", 1...1_000_000, default: 50, "Accounts on a page; more than 1,000 count as 1,000."),
            Field.optionalText("filter", 0...254, "Part of an address, or of `full_name` in the metadata.")
                .withoutExample
        ) { UserQuery(page: max(1, $0), perPage: min($1, 1_000), filter: $2) }
    }

    struct UserPage: Output {
        let users: [User]

        static let shape = Shape<UserPage>(
            "UserPage",
            [Member("users") { $0.users }, Member("aud") { _ in SignIn.audience }.example(.string(SignIn.audience))])
    }

    /// A page and the number of all, in one round trip. The filter is text to look for: `%` and `_` are themselves.
    func listUsers(_ call: Call<Administrator, UserQuery>) async throws -> Answer {
        let query = call.input
        let filter = (query.filter ?? "").lowercased()
        let matching: SQL = """
            (\(filter) = '' or strpos(u.email, \(filter)) > 0
                or strpos(lower(u.raw_user_meta_data ->> 'full_name'), \(filter)) > 0)
            """
        let results = try await call.platform.batch([
            "select count(*) as n from auth.users u where \(matching)",
            """
            with page as (
                select u.id from auth.users u
                where \(matching)
                order by u.created_at desc, u.id desc
                limit \(query.perPage) offset \((query.page - 1) * query.perPage)
            )
            select \(User.columns)
            from page
            join auth.users u on u.id = page.id
            order by u.created_at desc, u.id desc
            """,
        ])
        let total: Int = try [results[0]].lastRow { try $0["n"] }
        let users = try results[1].map(User.init)
        let links = PageLinks.text(
            "/auth/v1/admin/users", page: query.page, perPage: query.perPage, of: total,
            ("filter", query.filter ?? ""))
        return Answer(
            headers: [(.totalCount, String(total)), (.link, links)], UserPage(users: users))
    }
}

/// GoTrue's `Link` beside a page of a list.
enum PageLinks {
    /// `page` stands first: that is how Supabase's clients find it.
    ///
    /// - Parameter search: what the list is narrowed by, as name and text; a text that is empty narrows nothing.
    static func text(
        _ path: String, page: Int, perPage: Int, of total: Int, _ search: (name: String, text: String)
    ) -> String {
        let last = max(1, (total + perPage - 1) / perPage)
        let narrowed = search.text.isEmpty ? "" : "&\(search.name)=" + escaped(search.text)
        func link(_ page: Int, _ relation: String) -> String {
            "<\(path)?page=\(page)&per_page=\(perPage)\(narrowed)>; rel=\"\(relation)\""
        }
        let next = page < last ? [link(page + 1, "next")] : []
        return (next + [link(last, "last")]).joined(separator: ", ")
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { escaped, byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            escaped += isPlain ? String(character) : "%" + Hex.encode([byte]).uppercased()
        }
    }
}

extension HTTPField.Name {
    static let totalCount = named("X-Total-Count")
    static let link = named("Link")

    /// A name that stands in the program.
    static func named(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is a header's name") }
        return name
    }
}
