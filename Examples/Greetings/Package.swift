// swift-tools-version: 6.2
import PackageDescription

// A product of one feature of its own on top of Lean SaaS: what a company's package looks like. It takes the next version
// of Lean SaaS without a merge.
let package = Package(
    name: "greetings",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "greetings-server", targets: ["greetings-server"])],
    dependencies: [.package(name: "lean-saas", path: "../..")],
    targets: [
        .target(name: "Greetings", dependencies: [.product(name: "LeanSaaS", package: "lean-saas")]),
        .executableTarget(
            name: "greetings-server", dependencies: ["Greetings", .product(name: "LeanSaaS", package: "lean-saas")]),
    ]
)
