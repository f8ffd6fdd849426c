// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.37;

/// @title Claim, then prove, then mint
/// @notice A prompt becomes public with the transaction that mints it, and anyone could prove it again for himself. So a mint needs a
/// claim that is older than `claimDelay`: who learns a prompt from a pending mint has no such claim and cannot get one in time. The
/// commitment is salted and counts for its sender only. It tells nothing about the prompt, a copy of it is worthless, and it takes
/// nothing from anybody else: there is nothing to squat, so that neither a bond nor a cap is needed.
abstract contract Claims {
    /// @notice Seconds after which a claim is worth nothing.
    uint256 public constant CLAIM_LIFETIME = 1 days;

    mapping(address claimer => mapping(bytes32 commitment => uint256)) private _claimedAt;

    event Claimed(address indexed claimer, bytes32 indexed commitment);

    /// @notice The caller has already made this claim and it has not expired.
    error AlreadyClaimed(bytes32 commitment);
    /// @notice The caller has not claimed this prompt with this salt, or has used the claim.
    error NotClaimed(address claimer, bytes32 commitment);
    error ClaimTooYoung(uint256 mintableFrom);
    error ClaimExpired(uint256 expiredAt);

    /// @notice Announces a mint. Possible at any time, also before the sale opens.
    /// @param commitment `commitmentOf(tokenId, claimer, salt)`, best computed off chain.
    function claim(bytes32 commitment) external {
        uint256 claimedAt_ = _claimedAt[msg.sender][commitment];
        if (claimedAt_ != 0 && block.timestamp <= claimedAt_ + CLAIM_LIFETIME) revert AlreadyClaimed(commitment);
        _claimedAt[msg.sender][commitment] = block.timestamp;
        emit Claimed(msg.sender, commitment);
    }

    /// @notice What the claimer of a token commits to.
    /// @param salt A random value, kept secret until the mint: without it a guessed prompt could be recognised.
    function commitmentOf(uint256 tokenId, address claimer, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(tokenId, claimer, salt));
    }

    /// @notice Time of a claim that was made and not used, in seconds; 0 when there is none.
    function claimedAt(address claimer, bytes32 commitment) external view returns (uint256) {
        return _claimedAt[claimer][commitment];
    }

    /// @dev Takes the caller's claim of a token away, or reverts.
    function _useClaim(uint256 tokenId, bytes32 salt, uint256 claimDelay) internal {
        bytes32 commitment = commitmentOf(tokenId, msg.sender, salt);
        uint256 claimedAt_ = _claimedAt[msg.sender][commitment];
        if (claimedAt_ == 0) revert NotClaimed(msg.sender, commitment);
        if (block.timestamp < claimedAt_ + claimDelay) revert ClaimTooYoung(claimedAt_ + claimDelay);
        if (block.timestamp > claimedAt_ + CLAIM_LIFETIME) revert ClaimExpired(claimedAt_ + CLAIM_LIFETIME);
        delete _claimedAt[msg.sender][commitment];
    }
}
