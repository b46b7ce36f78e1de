#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the system says of this process.
struct ProcessFigures: Sendable {
    let residentBytes: Int
    /// User and system time since the start.
    let cpuSeconds: Double

    static var now: ProcessFigures {
        var usage = rusage()
        #if canImport(Darwin)
        getrusage(RUSAGE_SELF, &usage)
        #else
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        #endif
        let cpu = seconds(usage.ru_utime) + seconds(usage.ru_stime)
        return ProcessFigures(residentBytes: residentBytes ?? Int(usage.ru_maxrss) * 1_024, cpuSeconds: cpu)
    }

    var exposition: String {
        """
        # TYPE process_resident_memory_bytes gauge
        process_resident_memory_bytes \(residentBytes)
        # TYPE process_cpu_seconds_total counter
        process_cpu_seconds_total \(cpuSeconds)

        """
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000
    }

    /// The second number of /proc/self/statm, in pages; nil where there is no /proc.
    private static var residentBytes: Int? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 128)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
