//! Parts that screens share.
