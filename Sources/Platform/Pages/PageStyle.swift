import Codecs
import Crypto
import HTTPTypes

/// The style sheet of pages for people, at an address that changes with it.
public enum PageStyle {
    public static let path = "/assets/page-\(tag).css"
    static let tag = String(Hex.encode(Array(SHA256.hash(data: Array(css.utf8)))).prefix(16))

    /// The route that serves it: for the one feature of a product that all others stand on.
    public static func route(cacheControl: String) -> Route {
        .get(path, .public, "The style sheet of pages") { (_: Call<Visitor, NoInput>) in
            var answer = Answer(
                status: 200, headers: [(.cacheControl, cacheControl)],
                body: .text(Array(css.utf8), type: "text/css; charset=utf-8"))
            answer.entityTag = tag
            return answer
        }.answers(.text("text/css", example: ":root { color-scheme: light dark; }", kept: true)).duringMaintenance()
    }

    static let css = """
        :root {
          color-scheme: light dark;
          --ink: #1a1d23; --quiet: #5b6270; --paper: #f4f5f7; --card: #ffffff; --line: #c3c9d3; --accent: #1f4fd8;
          --on-accent: #ffffff; --bad: #b3261e; --bad-paper: #fdecea;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ink: #eceef2; --quiet: #a6adba; --paper: #14161a; --card: #1f2228; --line: #4a505c; --accent: #8fb0ff;
            --on-accent: #10131a; --bad: #ffb4ab; --bad-paper: #3a1f1d;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center;
          padding: 2rem 1rem 4rem; color: var(--ink); background: var(--paper);
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        header { width: 100%; max-width: 26rem; }
        .brand { margin: 0 0 1rem; font-weight: 650; letter-spacing: -.01em; }
        main {
          width: 100%; max-width: 26rem; padding: 2rem; background: var(--card); border: 1px solid var(--line);
          border-radius: .75rem;
        }
        h1 { margin: 0 0 1rem; font-size: 1.4rem; line-height: 1.25; letter-spacing: -.015em; }
        p { margin: 0 0 1rem; overflow-wrap: anywhere; }
        form { margin: 0 0 1rem; }
        label { display: block; margin: 0 0 .3rem; font-weight: 550; }
        input {
          width: 100%; margin: 0 0 1rem; padding: .65rem .75rem; font: inherit; color: inherit; background: transparent;
          border: 1px solid var(--quiet); border-radius: .5rem;
        }
        input[type="hidden"] { display: none; }
        .code { font-size: 1.3rem; letter-spacing: .3em; }
        button, .button {
          display: inline-block; width: 100%; padding: .75rem 1rem; font: inherit; font-weight: 600; text-align: center;
          text-decoration: none; color: var(--on-accent); background: var(--accent); border: 0; border-radius: .5rem;
          cursor: pointer;
        }
        button:hover, .button:hover { filter: brightness(1.08); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        a { color: var(--accent); }
        a.button { color: var(--on-accent); }
        .quiet { margin: 1rem 0 0; color: var(--quiet); font-size: .9rem; }
        .bad { padding: .75rem 1rem; color: var(--bad); background: var(--bad-paper); border-radius: .5rem; }
        h2 { margin: 1.5rem 0 .25rem; font-size: 1.05rem; }
        pre { margin: .5rem 0 0; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .85rem; }
        main > :last-child { margin-bottom: 0; }
        .links { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 1.25rem 0 0; font-size: .95rem; }
        @media (max-width: 30rem) { main { padding: 1.5rem 1.25rem; } body { padding-top: 1.25rem; } }
        """
}
