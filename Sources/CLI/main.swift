import Features
import LeanSaaS
import Platform

#if os(Linux)
// Nothing of it is called: being linked, it takes the place of the C library's allocator (docs/decisions/0018).
import CJemalloc
#endif

await LeanSaaS.run(Product.features)
