/// The style sheet of the API's page.
enum APIPageStyle {
    static let css = """
        :root {
          color-scheme: light dark;
          --ink: #1b1f24; --quiet: #57606a; --paper: #ffffff; --panel: #f6f8fa; --line: #d8dee4; --link: #0a58ca;
          --get: #0b6b3a; --post: #0a4fa3; --put: #875200; --patch: #875200; --delete: #b3261e;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ink: #e6edf3; --quiet: #9da7b1; --paper: #0d1117; --panel: #161b22; --line: #30363d; --link: #79b8ff;
            --get: #56d38a; --post: #79b8ff; --put: #e3b341; --patch: #e3b341; --delete: #ff8a80;
          }
        }
        * { box-sizing: border-box; }
        html { scroll-padding-top: 4.5rem; }
        body {
          margin: 0; color: var(--ink); background: var(--paper);
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        a { color: var(--link); }
        code, pre { font: .875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        .skip { position: absolute; left: -100rem; }
        .skip:focus { left: 1rem; top: 1rem; padding: .5rem 1rem; background: var(--paper); z-index: 2; }
        header {
          position: sticky; top: 0; z-index: 1; display: flex; gap: .75rem; align-items: baseline;
          padding: .85rem 1.5rem; background: var(--paper); border-bottom: 1px solid var(--line);
        }
        header p { margin: 0; }
        .brand { font-weight: 650; letter-spacing: -.01em; }
        .version { color: var(--quiet); font-size: .9rem; }
        .page { display: grid; grid-template-columns: 19.5rem minmax(0, 1fr); max-width: 84rem; margin: 0 auto; }
        nav {
          position: sticky; top: 3.4rem; height: calc(100vh - 3.4rem); overflow-y: auto; padding: 1rem 1rem 3rem 1.5rem;
          border-right: 1px solid var(--line);
        }
        nav h2 {
          margin: 1.1rem 0 .3rem; font-size: .78rem; text-transform: uppercase; letter-spacing: .06em; color: var(--quiet);
        }
        nav ul { list-style: none; margin: 0; padding: 0; }
        nav a {
          display: flex; gap: .5rem; align-items: center; padding: .22rem .4rem; border-radius: .35rem; font-size: .9rem;
          color: var(--ink); text-decoration: none; overflow-wrap: anywhere;
        }
        nav a:hover { background: var(--panel); }
        nav .method { min-width: 3.6rem; font-size: .68rem; }
        main { padding: 1.5rem 2rem 6rem; }
        h1 { margin: .25rem 0 .5rem; font-size: 1.9rem; letter-spacing: -.02em; line-height: 1.2; }
        main h2 { margin: 2.75rem 0 1rem; font-size: 1.35rem; letter-spacing: -.01em; }
        article { padding: 1.35rem 0 1.6rem; border-top: 1px solid var(--line); }
        article:target { box-shadow: -1rem 0 0 var(--paper), -1.2rem 0 0 var(--link); }
        h3 { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin: 0; font-size: 1rem; }
        h3 code { font-size: 1rem; font-weight: 600; overflow-wrap: anywhere; }
        h4 { margin: 1.2rem 0 .4rem; font-size: .9rem; }
        .summary { margin: .55rem 0 .1rem; }
        .access { margin: 0; color: var(--quiet); font-size: .9rem; }
        .method { font: 700 .75rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; letter-spacing: .02em; }
        .get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); }
        .patch { color: var(--patch); } .delete { color: var(--delete); }
        pre {
          margin: .4rem 0; padding: .8rem 1rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line);
          border-radius: .5rem;
        }
        .table { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .9rem; }
        th, td { padding: .45rem .9rem .45rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
        thead th { color: var(--quiet); font-weight: 550; }
        tbody th { font-weight: 400; }
        summary { margin-top: 1.1rem; cursor: pointer; font-size: .9rem; font-weight: 600; }
        :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
        @media (max-width: 56rem) {
          .page { display: block; }
          nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: .5rem 1.25rem 1.25rem; }
          main { padding: 1rem 1.25rem 4rem; }
          header { padding: .85rem 1.25rem; }
        }
        @media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }

        """
}
