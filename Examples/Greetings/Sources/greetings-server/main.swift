import Features
import Greetings
import LeanSaaS
import Platform

// Our features and theirs, in one list.
await LeanSaaS.run { read, basics in
    Product.features(&read, basics) + [.greetings(&read)]
}
