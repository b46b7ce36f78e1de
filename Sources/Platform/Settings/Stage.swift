/// Where the program runs (NODE_ENV): it decides what is needed, and the profile of defaults.
public enum Stage: String, Sendable, CaseIterable {
    case development, staging, production, test
}
