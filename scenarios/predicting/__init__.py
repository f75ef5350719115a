"""The same plans in virtual time: what would happen at another load, on another machine?"""
