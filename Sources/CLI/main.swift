import Features
import LeanSaaS
import Platform

await LeanSaaS.run(Product.features)
