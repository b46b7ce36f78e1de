/// `SlidingWindow` in Lua: what Redis runs, so that all nodes count as one.
///
/// A window is 25 bytes under its key, which end by themselves when nothing of them matters: the stretch, its count, the count
/// of the one before, the end of a block, requests under way, when the last of them began, and whether the refusals were
/// told of. Time is the server's, so that nodes whose clocks differ count alike.
///
/// `pending` is forgotten after two minutes: a node that died never tells how its requests ended.
enum LimitScripts {
    /// Takes from all keys, or from none when one refuses. Every request runs it: it is written flat, which is twice as fast
    /// as with tables and functions.
    ///
    /// Arguments: the time in ms (0: the server's), then for each key window, most, block (ms), cost, and 1 if the outcome is
    /// awaited. Answers the time, then six numbers for each key that was asked: 1 if admitted, how many more, ms until more, 1 if
    /// news, the counts of this stretch and of the one before.
    static let take = SharedScript(
        """
        local now = ARGV[1] + 0
        if now == 0 then
            local time = redis.call('TIME')
            now = time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local floor, pack, unpacked = math.floor, struct.pack, struct.unpack
        local form = '<I4I4I4I4I4I4B'
        local texts = redis.call('MGET', unpack(KEYS))
        local answers, states, lives = { now }, {}, {}
        for index = 1, #KEYS do
            local at = index * 5 - 3
            local window, most, block = ARGV[at] + 0, ARGV[at + 1] + 0, ARGV[at + 2] + 0
            local cost, awaits = ARGV[at + 3] + 0, ARGV[at + 4] == '1'
            if cost > most then cost = most end
            local bucket, current, previous, blocked, pending, since, told = 0, 0, 0, 0, 0, 0, 0
            local text = texts[index]
            if text and #text == 25 then
                bucket, current, previous, blocked, pending, since, told = unpacked(form, text)
            end
            local elapsed = now % window
            local present = (now - elapsed) / window
            if present > bucket then
                if present == bucket + 1 then previous = current else previous = 0 end
                bucket, current = present, 0
                if blocked == 0 then told = 0 end
            end
            if pending > 0 and now - since * 1000 > 120000 then pending = 0 end
            local wait = 0
            if blocked * 1000 > now then
                wait = blocked * 1000 - now
            else
                if blocked > 0 then current, previous, blocked, pending, since, told = 0, 0, 0, 0, 0, 0 end
                local free = most - cost
                if previous * (window - elapsed) > (free - current - pending) * window then
                    if block > 0 and not awaits then
                        blocked, told = floor((now + block) / 1000), 0
                        wait = blocked * 1000 - now
                    elseif current > free then
                        wait = window - elapsed
                        local late = window - floor(free * window / current)
                        if late > 0 then wait = wait + late end
                    elseif previous > 0 then
                        wait = window - floor((free - current) * window / previous) - elapsed
                    else
                        wait = 1000
                    end
                    if wait < 1 then wait = 1 end
                end
            end
            local base = index * 6 - 4
            if wait > 0 then
                answers[base], answers[base + 1], answers[base + 2], answers[base + 3] = 0, 0, wait, 1 - told
                answers[base + 4], answers[base + 5] = current, previous
                if told == 0 then
                    local live = (bucket + 2) * window
                    if blocked * 1000 > live then live = blocked * 1000 end
                    local state = pack(form, bucket, current, previous, blocked, pending, since, 1)
                    redis.call('SET', KEYS[index], state, 'PX', live - now)
                end
                return answers
            end
            if awaits then
                pending, since = pending + cost, floor(now / 1000)
            else
                current = current + cost
            end
            local left = most - current - pending - math.ceil(previous * (window - elapsed) / window)
            if left < 0 then left = 0 end
            answers[base], answers[base + 1], answers[base + 2], answers[base + 3] = 1, left, window - elapsed, 0
            answers[base + 4], answers[base + 5] = current, previous
            states[index] = pack(form, bucket, current, previous, blocked, pending, since, told)
            lives[index] = (bucket + 2) * window - now
        end
        for index = 1, #KEYS do redis.call('SET', KEYS[index], states[index], 'PX', lives[index]) end
        return answers
        """)

    /// Counts what a node let in ahead, be it beyond the limit. For limits that know no block and no outcome.
    ///
    /// Arguments: the time, then for each key window and cost. Answers the time, then for each key the counts of this stretch
    /// and of the one before.
    static let count = SharedScript(
        """
        local now = ARGV[1] + 0
        if now == 0 then
            local time = redis.call('TIME')
            now = time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local pack, unpacked = struct.pack, struct.unpack
        local form = '<I4I4I4I4I4I4B'
        local texts = redis.call('MGET', unpack(KEYS))
        local answers = { now }
        for index = 1, #KEYS do
            local window, cost = ARGV[index * 2] + 0, ARGV[index * 2 + 1] + 0
            local bucket, current, previous, blocked, pending, since, told = 0, 0, 0, 0, 0, 0, 0
            local text = texts[index]
            if text and #text == 25 then
                bucket, current, previous, blocked, pending, since, told = unpacked(form, text)
            end
            local present = (now - now % window) / window
            if present > bucket then
                if present == bucket + 1 then previous = current else previous = 0 end
                bucket, current, told = present, 0, 0
            end
            current = current + cost
            answers[index * 2], answers[index * 2 + 1] = current, previous
            local state = pack(form, bucket, current, previous, blocked, pending, since, told)
            redis.call('SET', KEYS[index], state, 'PX', (bucket + 2) * window - now)
        end
        return answers
        """)

    /// Tells the outcome of requests under way, or gives back what was taken.
    ///
    /// Arguments: the time, then for each key window, most, block, cost, and `counts`, `passes` or `back`. Answers 1 for each
    /// key whose block began.
    static let settle = SharedScript(
        reading + """
            local answers = {}
            for index, key in ipairs(KEYS) do
                local at = index * 5 - 3
                local window, most, block = ARGV[at] + 0, ARGV[at + 1] + 0, ARGV[at + 2] + 0
                local cost, outcome = math.min(ARGV[at + 3] + 0, most), ARGV[at + 4]
                local state = read(key, window)
                answers[index] = 0
                if outcome == 'back' then
                    state.current = math.max(0, state.current - cost)
                else
                    state.pending = math.max(0, state.pending - cost)
                end
                if outcome == 'counts' then
                    state.current = state.current + cost
                    if used(state, window) + window > most * window and block > 0 and state.blocked * 1000 <= now then
                        state.blocked = math.floor((now + block) / 1000)
                        state.told = 1
                        answers[index] = 1
                    end
                end
                local live = math.max(state.blocked * 1000, (state.bucket + 2) * window) - now
                redis.call('SET', key, struct.pack(form, state.bucket, state.current, state.previous, state.blocked, state.pending,
                    state.since, state.told), 'PX', live)
            end
            return answers
            """)

    /// The windows as they are. Arguments: the time, then each key's window. Answers three numbers for each key: requests
    /// that the window holds, rounded up, requests under way, ms until a block ends.
    static let look = SharedScript(
        reading + """
            local answers = {}
            for index, key in ipairs(KEYS) do
                local window = ARGV[index + 1] + 0
                local state = read(key, window)
                local blocked = math.max(0, state.blocked * 1000 - now)
                local held = math.ceil(used(state, window) / window)
                if state.blocked > 0 and blocked == 0 then held = 0 end
                answers[#answers + 1] = held
                answers[#answers + 1] = state.pending
                answers[#answers + 1] = blocked
            end
            return answers
            """, isRepeatable: true)

    /// Says that a node is there, and counts those that said so within the time. Arguments: the node, ms that it counts.
    /// Answers how many nodes there are, the number of the last reset, and the time.
    static let beat = SharedScript(
        """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZADD', KEYS[1], now, ARGV[1])
        redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, now - ARGV[2])
        redis.call('PEXPIRE', KEYS[1], ARGV[2] * 2)
        return { redis.call('ZCARD', KEYS[1]), (redis.call('GET', KEYS[2]) or '0') + 0, now }
        """, isRepeatable: true)

    /// Leaves all windows behind: keys carry the number of the last reset. Answers the new number.
    static let reset = SharedScript("return redis.call('INCR', KEYS[1])")

    private static let reading = """
        local now = ARGV[1] + 0
        if now == 0 then
            local time = redis.call('TIME')
            now = time[1] * 1000 + math.floor(time[2] / 1000)
        end
        local form = '<I4I4I4I4I4I4B'

        local function read(key, window)
            local state = { bucket = 0, current = 0, previous = 0, blocked = 0, pending = 0, since = 0, told = 0 }
            local text = redis.call('GET', key)
            if text and #text == 25 then
                state.bucket, state.current, state.previous, state.blocked, state.pending, state.since, state.told =
                    struct.unpack(form, text)
            end
            local present = math.floor(now / window)
            if present > state.bucket then
                state.previous = present == state.bucket + 1 and state.current or 0
                state.current = 0
                state.bucket = present
                if state.blocked == 0 then state.told = 0 end
            end
            if state.pending > 0 and now - state.since * 1000 > 120000 then state.pending = 0 end
            return state
        end

        local function used(state, window)
            return state.previous * (window - now % window) + state.current * window
        end


        """
}
