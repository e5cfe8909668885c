// swift-tools-version: 6.2
import PackageDescription

/// Every target is written in Swift 6 mode, and a warning is an error.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The cores: no effects, no `any` on the call path, and every unsafe operation says so.
let core: [SwiftSetting] =
    strict + [
        .strictMemorySafety(),
        .treatWarning("ExistentialType", as: .error),
    ]

let package = Package(
    name: "trunkline",
    products: [.executable(name: "trunkline", targets: ["trunkline"])],
    targets: [
        // Small values that every protocol needs: instants, byte slices, addresses, ASCII, Base64, civil dates.
        .target(
            name: "Primitives",
            swiftSettings: core + [.enableExperimentalFeature("Lifetimes")]
        ),
        // A call arrives: all that moves bytes or waits. Event loops, timers, UDP, TCP, signals, threads.
        .target(
            name: "Transport",
            dependencies: ["Primitives", "CLinux", "COpenSSL"],
            swiftSettings: strict
        ),
        // It is parsed: RFC 3261 without sockets or clocks.
        .target(
            name: "SIP",
            dependencies: ["Primitives"],
            exclude: ["RFC.md"],
            swiftSettings: core
        ),
        // It is parsed: RFC 9112 without sockets or clocks.
        .target(
            name: "HTTP",
            dependencies: ["Primitives"],
            exclude: ["RFC.md"],
            swiftSettings: core
        ),
        // It is authenticated: who is calling, from bytes and secrets.
        .target(
            name: "Authentication",
            dependencies: ["Primitives", "COpenSSL"],
            swiftSettings: core
        ),
        // It is resolved: the expression language of workflows.
        .target(name: "JSONata", dependencies: ["Primitives"], swiftSettings: core),
        // It is resolved: numbers, trunks, agents, workflows; a call becomes a decision and its explanation.
        .target(name: "Routing", dependencies: ["Primitives", "JSONata"], swiftSettings: core),
        // It is answered: one folder for each way a call arrives.
        .target(
            name: "Doors",
            dependencies: ["Primitives", "SIP", "HTTP", "Authentication", "Routing"],
            swiftSettings: core
        ),
        // It is recorded: the directory and the call records on disk.
        .target(
            name: "Store",
            dependencies: ["Primitives", "Routing", "CSQLite"],
            swiftSettings: strict
        ),
        // All stages wired into a daemon: configuration, limits, listeners, life cycle.
        .target(
            name: "Gateway",
            dependencies: [
                "Primitives", "Transport", "SIP", "HTTP", "Authentication", "JSONata", "Routing",
                "Doors", "Store",
            ],
            swiftSettings: strict
        ),
        // The commands.
        .executableTarget(name: "trunkline", dependencies: ["Gateway"], swiftSettings: strict),

        // C only: a page of wrappers for what Swift's Glibc module leaves out, and module maps.
        .target(name: "CLinux", path: "Sources/System/CLinux"),
        .systemLibrary(
            name: "COpenSSL",
            path: "Sources/System/COpenSSL",
            pkgConfig: "openssl",
            providers: [.apt(["libssl-dev"])]
        ),
        .systemLibrary(
            name: "CSQLite",
            path: "Sources/System/CSQLite",
            pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]
        ),

        .testTarget(name: "PrimitivesTests", dependencies: ["Primitives"], swiftSettings: strict),
        .testTarget(name: "SIPTests", dependencies: ["Primitives", "SIP"], swiftSettings: strict),
        .testTarget(
            name: "HTTPTests",
            dependencies: ["Primitives", "HTTP"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "AuthenticationTests",
            dependencies: ["Primitives", "Authentication"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "JSONataTests",
            dependencies: ["Primitives", "JSONata"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "RoutingTests",
            dependencies: ["Primitives", "JSONata", "Routing"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DoorsTests",
            dependencies: ["Primitives", "SIP", "HTTP", "Authentication", "Routing", "Doors"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "StoreTests",
            dependencies: ["Primitives", "Routing", "Store"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TransportTests",
            dependencies: ["Primitives", "Transport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Primitives", "JSONata", "SIP", "HTTP", "Authentication", "Routing", "Doors",
                "Store",
                "Transport", "Gateway",
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),

        // `swift run -c release Benchmarks`: what each part of a call costs.
        .target(name: "AllocationCounter", path: "Tests/Benchmarks/AllocationCounter"),
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "Primitives", "SIP", "HTTP", "Authentication", "JSONata", "Routing", "Doors",
                "Transport", "Gateway", "AllocationCounter",
            ],
            path: "Tests/Benchmarks",
            exclude: ["AllocationCounter"],
            swiftSettings: strict
        ),
    ]
)
