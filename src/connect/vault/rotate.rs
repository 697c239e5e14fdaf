//! Every sealed value of the database: which keys they need, and how they move to the current key.
