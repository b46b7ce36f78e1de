/// Which of the two stores the options ask for.
package enum Redis {
    /// Connects nothing yet.
    ///
    /// - Throws: when the file of the authorities cannot be read.
    package static func store(_ options: RedisOptions) throws -> any RedisStore {
        switch options.place {
        case .server, .sentinels: try RedisClient(options)
        case .cluster: try RedisCluster(options)
        }
    }
}
