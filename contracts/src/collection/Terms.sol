// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @notice Where a token's image is kept.
enum ImageMode {
    /// On chain, byte for byte as proven; the chain draws it.
    Onchain,
    /// Its hash on chain, its bytes in the mint's calldata and wherever the owner serves them.
    Hash
}

/// @notice What never changes about a collection; part of its code.
/// @param maxSupply Tokens that may ever be minted, at least 1; a burned one is not replaced.
/// @param claimDelay Seconds that a claim must be old before its token can be minted, 1..3600.
struct CollectionTerms {
    string name;
    string symbol;
    bytes32 modelId;
    ImageMode imageMode;
    uint24 maxSupply;
    uint32 claimDelay;
}

/// @notice When, to whom and at what price tokens are minted.
/// @param price Wei for a token, without the model's licence fee.
/// @param start First second in which minting is open.
/// @param end First second in which it is closed; 0 when it never closes.
/// @param walletLimit Tokens that one account may mint; 0 when there is no limit.
struct Sale {
    uint96 price;
    uint40 start;
    uint40 end;
    uint32 walletLimit;
}

/// @notice What the owner may change later.
/// @param allowlistRoot Root of the Merkle tree of accounts that may mint; 0 when everybody may.
/// @param royaltyBps ERC-2981 royalty to the owner at deployment, in hundredths of a percent, at most 1,000.
/// @param imageBase Prefix of image addresses in `Hash` mode.
/// @param contractUri ERC-7572 document of the collection; empty for the one that the chain writes.
struct CollectionSettings {
    Sale sale;
    bytes32 allowlistRoot;
    uint96 royaltyBps;
    string imageBase;
    string contractUri;
}

/// @notice One mint.
/// @param prompt Latent bytes, each in 0..127, then the pose byte in 0..125.
/// @param aigcData The decoder's image before the pose: two palette indices a byte, or three planes of values 0..127.
/// @param proof Envelope: the creator's address (20 bytes), then the halo2 proof.
/// @param salt The one of the claim.
/// @param allowlistProof Merkle branch of the caller; empty when there is no allowlist.
struct MintRequest {
    bytes prompt;
    bytes aigcData;
    bytes proof;
    bytes32 salt;
    bytes32[] allowlistProof;
}
