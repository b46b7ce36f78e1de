import Platform

extension Product {
    /// The product's table of contents. Add a line for a feature of your own.
    public static func features(_ read: inout SettingReader, _ basics: Basics) -> [Feature] {
        [
            .core(&read, basics),
            .jobs(),
            .mailing(&read),
            .signIn(&read, basics),
            .organizations(),
            .profiles(),
            .limits(),
            .audit(&read),
            .notes(&read),
        ]
    }
}
